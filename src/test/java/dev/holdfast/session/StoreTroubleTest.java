package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.FakeMovers;
import dev.holdfast.testing.TroubleExpected;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** While sessions cannot be stored, movers go on, nothing is lost and nothing is made up. */
@ExtendWith(TroubleExpected.class)
class StoreTroubleTest {
    private final Rig rig = new Rig();

    @BeforeEach
    void an_agent_with_a_running_session() {
        rig.sessions.recover();
        rig.submit("a");
        rig.store.full = true;
    }

    @Test
    void a_session_that_cannot_be_stored_is_refused_and_said() {
        assertThatThrownBy(() -> rig.submit("b"))
                .isInstanceOf(SessionStoreException.class)
                .hasMessageContaining("no space");
        assertThat(rig.sessions.find(new SessionId("b"))).isEmpty();
        assertThat(rig.sessions.storeTrouble())
                .hasValueSatisfying(why -> assertThat(why).contains("no space"));
    }

    @Test
    void a_session_that_is_refused_for_itself_is_no_trouble_of_all_others() {
        rig.store.full = false;
        rig.store.before = () -> {
            throw new SessionRefused("too large", false);
        };
        assertThatThrownBy(() -> rig.submit("b")).isInstanceOf(SessionRefused.class);
        rig.store.before = () -> {};
        assertThat(rig.sessions.storeTrouble()).isEmpty();
        assertThat(rig.sessions.find(new SessionId("b"))).isEmpty();
    }

    @Test
    void a_deadline_that_passes_meanwhile_keeps_nobody_from_being_looked_after() {
        rig.store.full = false;
        rig.deadline = Duration.ofMinutes(1);
        rig.restart();
        rig.submit("late");
        rig.submit("later");
        rig.store.full = true;
        rig.movers.end(rig.mover("a"), null);
        for (String id : List.of("late", "later")) {
            rig.mover(id).status = FakeMovers.status(7, "token");
        }
        rig.pass(Duration.ofMinutes(1));
        rig.pass(Duration.ofSeconds(1));
        for (String id : List.of("late", "later")) {
            assertThat(rig.state(id)).isInstanceOf(SessionState.Running.class);
            assertThat(rig.session(id).progress().bytesDone()).isEqualTo(7);
        }

        rig.store.full = false;
        rig.pass(Duration.ofSeconds(10));
        assertThat(rig.session("later").failure().orElseThrow().code()).isEqualTo("DEADLINE");
    }

    @Test
    void what_could_not_be_stored_is_made_up_for_as_soon_as_there_is_room() {
        rig.store.full = false;
        rig.movers.before = () -> rig.store.full = true;
        rig.submit("b");
        rig.movers.before = () -> {};
        assertThat(rig.state("b")).isInstanceOf(SessionState.Launching.class);

        rig.store.full = false;
        rig.pass(Duration.ofSeconds(5));
        assertThat(rig.state("b")).isInstanceOf(SessionState.Running.class);
    }

    @Test
    void a_limit_that_cannot_be_stored_is_not_in_force() {
        SessionId a = new SessionId("a");
        assertThatThrownBy(() -> rig.sessions.limit(a, 4096)).isInstanceOf(SessionStoreException.class);
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.session("a").request().bytesPerSecondMax()).isZero();
        assertThat(rig.mover("a").limit).isZero();
    }

    @Test
    void an_end_that_cannot_be_stored_is_found_again_when_there_is_room() {
        rig.proof.say(new SessionId("a"), new TransferProof.Proof.Completed("snap"));
        rig.movers.finish(rig.mover("a"), MoverResult.End.COMPLETED, "snap", null);
        rig.pass(Duration.ofSeconds(10));
        assertThat(rig.state("a")).isInstanceOf(SessionState.Running.class);

        rig.store.full = false;
        rig.pass(Duration.ofSeconds(10));
        rig.pass(Duration.ofSeconds(1));

        assertThat(rig.sessions.storeTrouble()).isEmpty();
        assertThat(rig.session("a").outcome()).contains(new Outcome.Completed("snap"));
        assertThat(rig.movers.count(new SessionId("a"))).isEqualTo(1);
    }
}
