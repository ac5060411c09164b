package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final Warning OWNER = new Warning("owner", 3, "chown a");

    @Test
    void a_resumed_attempt_is_never_shown_behind_the_one_before() {
        Session before = seen(running(), 900, 1000, "RESUMED", List.of());

        Session passing = seen(before, 10, -1, "RESUMED", List.of());
        assertThat(passing.progress().bytesDone()).isEqualTo(900);
        assertThat(passing.progress().bytesTotal()).isEqualTo(1000);

        assertThat(seen(passing, 950, 1000, "RESUMED", List.of()).progress().bytesDone())
                .isEqualTo(950);
    }

    @Test
    void a_source_that_turned_out_smaller_ends_at_its_size() {
        Session before = seen(running(), 900, 1000, "RESUMED", List.of());

        assertThat(seen(before, 700, 700, "RESUMED", List.of()).progress().bytesDone())
                .isEqualTo(700);
    }

    @Test
    void an_attempt_that_began_anew_counts_from_nothing() {
        Session before = seen(running(), 900, 1000, "RESUMED", List.of(OWNER));

        Session anew = seen(before, 10, 1000, "RESTARTED", List.of());
        assertThat(anew.progress().bytesDone()).isEqualTo(10);
        assertThat(anew.progress().warnings()).isEmpty();
    }

    @Test
    void what_was_warned_of_once_is_not_forgotten_by_the_next_attempt() {
        Warning xattr = new Warning("xattr", 1, "set user.x of b");
        Session before = seen(running(), 900, 1000, "RESUMED", List.of(OWNER));

        Session after = seen(before, 950, 1000, "RESUMED", List.of(new Warning("owner", 1, "chown c"), xattr));
        assertThat(after.progress().warnings()).containsExactly(OWNER, xattr);
        assertThat(after.progress().warningCount()).isEqualTo(4);
    }

    @Test
    void the_first_of_a_kind_stays_in_words_whatever_a_resumed_attempt_says_of_it() {
        Session before = seen(running(), 900, 1000, "RESUMED", List.of(OWNER));

        Session after = seen(before, 950, 1000, "RESUMED", List.of(new Warning("owner", 5, "5 in an earlier attempt")));
        assertThat(after.progress().warnings()).containsExactly(new Warning("owner", 5, "chown a"));
    }

    @Test
    void warnings_are_stored_and_files_of_before_they_were_are_read() throws IOException {
        Session session = seen(running(), 900, 1000, "RESUMED", List.of(OWNER));
        byte[] stored = StoredSession.encode(session);
        assertThat(StoredSession.decode(stored)).isEqualTo(session);

        byte[] none = StoredSession.encode(session.with(List.<Warning>of()));
        byte[] older = Arrays.copyOf(none, none.length - Integer.BYTES);
        assertThat(StoredSession.decode(older).progress().warnings()).isEmpty();
        byte[] counted = Arrays.copyOf(stored, older.length);
        assertThat(StoredSession.decode(counted).progress().warningCount()).isEqualTo(OWNER.count());
    }

    private static Session running() {
        return Samples.session("a", new SessionState.Running(Samples.MOVER, Samples.NOW), "t");
    }

    private static Session seen(
            Session session, long done, long total, @Nullable String start, List<Warning> warnings) {
        Progress progress = new Progress(Samples.NOW, done, total, done, total, done, 0, 0, 1, "b", warnings);
        return session.seen(new MoverStatus(progress, "t", start, 1, -1, true), Samples.NOW);
    }
}
