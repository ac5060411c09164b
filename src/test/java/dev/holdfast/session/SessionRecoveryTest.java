package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.FakeMovers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The recovery table of the design, row by row. */
class SessionRecoveryTest {
    private static final SessionId A = new SessionId("a");
    private final Rig rig = new Rig();

    @BeforeEach
    void a_session_was_running_when_the_agent_died() {
        rig.sessions.recover();
        rig.submit("a");
        rig.mover("a").status = FakeMovers.status(100, "token-a");
        rig.pass(Duration.ofMinutes(1));
        rig.movers.unwatch();
    }

    @Test
    void a_live_mover_that_proves_itself_is_reattached() {
        RecoveryReport.Recovered one = rig.restart().sessions().getFirst();
        assertThat(one.outcome()).isEqualTo(RecoveryOutcome.REATTACHED);
        assertThat(one.pid()).isEqualTo(rig.mover("a").handle.pid());
        assertThat(rig.movers.count(A)).isEqualTo(1);
        rig.movers.end(rig.mover("a"), null);
        assertThat(rig.state("a")).isInstanceOf(SessionState.Interrupted.class);
    }

    @Test
    void a_result_is_reported_as_finished() {
        rig.proof.say(A, new TransferProof.Proof.Completed("snap"));
        rig.movers.finish(rig.mover("a"), MoverResult.End.COMPLETED, "snap", null);
        rig.movers.unwatch();
        expect(RecoveryOutcome.FINISHED);
        assertThat(rig.session("a").outcome()).contains(new Outcome.Completed("snap"));
        expect(RecoveryOutcome.ENDED);
    }

    @Test
    void without_a_process_it_is_resumed_with_its_token() {
        dead();
        expect(RecoveryOutcome.RESUMED);
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.mover("a").order.token()).isEqualTo("token-a");
        assertThat(rig.movers.count(A)).isEqualTo(2);
    }

    @Test
    void resumed_from_an_earlier_block_is_told_apart_once_the_mover_says_so() {
        dead();
        expect(RecoveryOutcome.RESUMED);
        rig.pass(Duration.ofSeconds(1));
        MoverStatus status = FakeMovers.status(1, "token-a");
        rig.mover("a").status = new MoverStatus(status.progress(), "token-a", "RESUMED_EARLIER", 2, 0, true);
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.session("a").recovered()).isEqualTo(RecoveryOutcome.RESUMED_EARLIER);
    }

    @Test
    void a_token_that_the_repository_forgot_means_a_new_one() {
        dead();
        rig.proof.say(A, new TransferProof.Proof.TokenUnknown());
        expect(RecoveryOutcome.RESTARTED);
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.mover("a").order.token()).isNull();
    }

    @Test
    void a_foreign_process_is_taken_for_none_and_never_signalled() {
        rig.mover("a").foreign = true;
        expect(RecoveryOutcome.RESUMED);
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.movers.stopped).isEmpty();
        assertThat(rig.movers.count(A)).isEqualTo(2);
    }

    @Test
    void a_silent_mover_is_fenced_after_its_time_and_then_replaced() {
        rig.mover("a").answers = false;
        expect(RecoveryOutcome.RESUMED);
        assertThat(rig.movers.stopped).isEmpty();
        rig.pass(Duration.ofSeconds(11));
        assertThat(rig.movers.stopped).containsExactly("a");
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.movers.count(A)).isEqualTo(2);
    }

    @Test
    void a_mover_that_is_only_slow_is_reattached_when_it_answers() {
        rig.mover("a").answers = false;
        expect(RecoveryOutcome.RESUMED);
        for (int i = 0; i < 30; i++) {
            rig.mover("a").cpuTicks++;
            rig.pass(Duration.ofSeconds(1));
        }
        assertThat(rig.state("a")).isInstanceOf(SessionState.Suspect.class);
        rig.mover("a").answers = true;
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.state("a")).isInstanceOf(SessionState.Running.class);
        assertThat(rig.session("a").recovered()).isEqualTo(RecoveryOutcome.REATTACHED);
        assertThat(rig.movers.stopped).isEmpty();
    }

    @Test
    void a_source_that_is_gone_fails_it_with_what_to_do() {
        SessionRequest gone =
                new SessionRequest.Backup(Path.of("/repo"), Path.of("/key"), 0, 0, Path.of("/no/such/source"), "x");
        Session session = Samples.session("b", new SessionState.Launching(Samples.NOW), null);
        rig.store.put(session.with(gone, Samples.NOW));
        assertThat(rig.restart().count(RecoveryOutcome.FAILED)).isEqualTo(1);
        assertThat(rig.session("b").failure().orElseThrow().message()).contains("mount it");
    }

    @Test
    void without_source_and_repository_it_may_be_complete_and_waits_for_the_repositorys_word() {
        SessionRequest gone =
                new SessionRequest.Backup(Path.of("/repo"), Path.of("/key"), 0, 0, Path.of("/no/such/source"), "x");
        Session session = Samples.session("b", new SessionState.Launching(Samples.NOW), null);
        rig.store.put(session.with(gone, Samples.NOW));
        SessionId id = new SessionId("b");
        rig.proof.say(id, new TransferProof.Proof.Unreachable(new Failure("REPOSITORY_MISSING", "not mounted", false)));
        assertThat(rig.restart().count(RecoveryOutcome.FAILED)).isZero();
        rig.pass(Duration.ofMinutes(1));
        assertThat(rig.state("b")).isInstanceOf(SessionState.Interrupted.class);
        assertThat(rig.session("b").failure().orElseThrow().code()).isEqualTo("REPOSITORY_MISSING");

        rig.proof.say(id, new TransferProof.Proof.Completed("snap"));
        rig.pass(Duration.ofMinutes(10));
        assertThat(rig.session("b").outcome()).contains(new Outcome.Completed("snap"));
    }

    @Test
    void a_launch_whose_note_was_lost_is_found_again() {
        Session running = rig.session("a");
        Session lost = new Session(
                A,
                running.request(),
                new SessionState.Launching(Samples.NOW),
                running.current(),
                null,
                running.progress(),
                running.earlier(),
                running.created(),
                running.updated(),
                null,
                running.history(),
                null);
        rig.store.put(lost);
        expect(RecoveryOutcome.REATTACHED);
        assertThat(rig.movers.count(A)).isEqualTo(1);
    }

    @Test
    void what_had_not_begun_is_launched() {
        rig.store.put(Samples.session("b", new SessionState.Accepted(Samples.NOW), null));
        rig.store.put(Samples.session("c", new SessionState.Prepared(Samples.NOW), null));
        assertThat(rig.restart().count(RecoveryOutcome.LAUNCHED)).isEqualTo(2);
        assertThat(rig.state("b")).isInstanceOf(SessionState.Running.class);
        assertThat(rig.state("c")).isInstanceOf(SessionState.Running.class);
    }

    private void dead() {
        rig.movers.end(rig.mover("a"), null);
        rig.movers.unwatch();
    }

    private void expect(RecoveryOutcome outcome) {
        // The agent is dead before its mover: what it saw of the end must not count.
        assertThat(rig.restart().sessions().getFirst().outcome()).isEqualTo(outcome);
    }
}
