package dev.holdfast.transfer.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.transfer.TransferException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes, what stays, and what a kill in between leaves. */
class SweepTest {
    private static final Duration WEEK = Duration.ofDays(7).plusMinutes(1);
    private static final Duration DAY = Duration.ofDays(1).plusMinutes(1);

    @TempDir
    Path base;

    RepositoryFixture fixture;

    @BeforeEach
    void a_repository_with_a_snapshot() throws TransferException {
        fixture = new RepositoryFixture(base, 71);
        fixture.commitOne("done");
    }

    @Test
    void a_silent_session_is_given_up_after_a_week_and_gone_a_day_later() throws Exception {
        abandoned("dead");
        List<String> kept = packsOf("done");
        age("dead", Duration.ofDays(6));
        sweep();
        assertThat(Files.exists(open("dead", 2))).isFalse();

        age("dead", WEEK);
        assertThat(sweep()).isZero();
        assertThat(open("dead", 2)).exists();
        assertThat(packsOf("dead")).isNotEmpty();
        assertThat(sweep()).isZero();

        age("dead", DAY);
        assertThat(sweep()).isPositive();
        assertThat(filesBelow("packs/dead")).isEmpty();
        assertThat(open("dead", 1)).exists();
        assertThat(packsOf("done")).isEqualTo(kept);
        sound();
    }

    @Test
    void an_attempt_that_was_given_up_cannot_commit() throws Exception {
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("slow", null, "source")) {
            PackWriter writer = attempt.newWriter();
            fixture.write(repository, attempt, writer, 5, 1000);
            ChunkId root = fixture.page(repository, attempt, writer, new byte[100]);
            writer.publish();
            age("slow", WEEK);
            sweep();

            assertThatThrownBy(() -> attempt.commit(RepositoryFixture.draft(root)))
                    .isInstanceOfSatisfying(TransferException.class, e -> assertThat(e.code())
                            .isEqualTo(TransferException.Code.FENCED));
        }
    }

    @Test
    void an_attempt_that_finds_nothing_new_for_weeks_shows_that_it_lives() throws Exception {
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("quiet", null, "source")) {
            PackWriter writer = attempt.newWriter();
            ChunkId root = fixture.page(repository, attempt, writer, new byte[100]);
            writer.publish();
            attempt.checkpoint();
            attempt.checkpoint();
            assertThat(filesBelow("sessions/quiet")).hasSize(2); // It has just begun, and noted its pack.
            for (int week = 0; week < 3; week++) {
                age("quiet", WEEK);
                attempt.checkpoint();
                sweep();
            }
            assertThat(repository
                            .snapshot(attempt.commit(RepositoryFixture.draft(root)), "")
                            .root())
                    .containsExactly(root);
        }
        sound();
    }

    @Test
    void an_attempt_after_that_goes_on_without_what_is_going() throws Exception {
        abandoned("back");
        age("back", WEEK);
        sweep();

        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("back", null, "source")) {
            assertThat(attempt.epoch()).isEqualTo(3);
            assertThat(attempt.adoptedBytes()).isZero();
            age("back", DAY);
            PackWriter writer = attempt.newWriter();
            ChunkId root = fixture.page(repository, attempt, writer, new byte[1234]);
            assertThat(sweep()).isPositive();
            attempt.commit(RepositoryFixture.draft(root));
        }
        try (Repository repository = fixture.open();
                ChunkReader reader = repository.reader()) {
            assertThat(repository.snapshots()).hasSize(2).allSatisfy(snapshot -> assertThat(
                            reader.read(snapshot.root().getFirst()))
                    .isNotEmpty());
        }
        sound();
    }

    @Test
    void packs_that_an_index_names_stay() throws Exception {
        KilledChild.run(KilledWriter.class, "commit-index", base);
        List<String> named = packsOf("s1");
        assertThat(named).isNotEmpty();
        age("s1", WEEK);
        sweep();
        age("s1", DAY);

        assertThat(sweep()).isZero();
        assertThat(packsOf("s1")).isEqualTo(named);
        sound();
    }

    @Test
    void with_an_index_that_cannot_be_read_everything_stays() throws Exception {
        abandoned("dead");
        age("dead", WEEK);
        sweep();
        age("dead", DAY);
        Path index = filesBelow("index").getFirst();
        byte[] bytes = Files.readAllBytes(index);
        bytes[bytes.length - 1] ^= 1;
        Files.write(index, bytes);

        assertThat(sweep()).isZero();
        assertThat(packsOf("dead")).isNotEmpty();
    }

    @Test
    void a_sweep_killed_between_two_packs_is_finished_by_the_next() throws Exception {
        for (int attempt = 0; attempt < 3; attempt++) {
            abandoned("dead");
        }
        age("dead", WEEK);
        sweep();
        age("dead", DAY);
        int packs = packsOf("dead").size();
        assertThat(packs).isGreaterThan(1);

        KilledChild.run(KilledSweep.class, "sweep-pack:2", base);

        assertThat(packsOf("dead")).hasSize(packs - 1);
        sound();
        assertThat(sweep()).isEqualTo(packs - 1);
        assertThat(packsOf("dead")).isEmpty();
        sound();
    }

    private void abandoned(String session) throws TransferException {
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin(session, null, "source")) {
            PackWriter writer = attempt.newWriter();
            fixture.write(repository, attempt, writer, 5, 1000);
            writer.publish();
            fixture.write(repository, attempt, attempt.newWriter(), 5, 1000);
            attempt.checkpoint();
        }
    }

    private int sweep() throws TransferException {
        try (Repository repository = fixture.open()) {
            return repository.sweep();
        }
    }

    /** All objects are whole, and nothing refers to what is not there. */
    private void sound() throws TransferException {
        try (Repository repository = fixture.open()) {
            assertThat(repository.checkObjects()).isEmpty();
            for (String pack : repository.packs()) {
                assertThat(repository.check(pack).problems()).isEmpty();
            }
        }
    }

    private void age(String session, Duration by) {
        FileTime then = FileTime.from(Instant.now().minus(by));
        Stream.of("packs/", "sessions/")
                .flatMap(folder -> filesBelow(folder + session).stream())
                .forEach(file -> {
                    try {
                        Files.setLastModifiedTime(file, then);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private Path open(String session, int epoch) {
        return fixture.directory.resolve("sessions/" + session + "/open-" + epoch);
    }

    private List<String> packsOf(String session) throws TransferException {
        try (Repository repository = fixture.open()) {
            return repository.packs().stream()
                    .filter(pack -> pack.startsWith("packs/" + session + "/"))
                    .toList();
        }
    }

    private List<Path> filesBelow(String folder) {
        Path start = fixture.directory.resolve(folder);
        if (!Files.exists(start)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(start)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
