package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.FakeMovers;
import dev.holdfast.testing.TroubleExpected;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TroubleExpected.class)
class SessionsTest {
    private static final Failure AWAY = new Failure("REPOSITORY_MISSING", "is it mounted?", false);
    private static final SessionId A = new SessionId("a");
    private final Rig rig = new Rig();

    @BeforeEach
    void recover() {
        rig.sessions.recover();
    }

    @Test
    void a_session_runs_and_ends_completed_once_the_repository_proves_it() {
        rig.submit("a");
        assertThat(rig.state("a")).isInstanceOf(SessionState.Running.class);
        rig.proof.say(A, new TransferProof.Proof.Completed("snap"));
        rig.movers.finish(rig.mover("a"), MoverResult.End.COMPLETED, "snap", null);
        assertThat(rig.session("a").outcome()).contains(new Outcome.Completed("snap"));
        assertThat(rig.movers.forgotten).contains(A);
    }

    @Test
    void a_reported_success_without_proof_is_tried_again() {
        rig.submit("a");
        rig.movers.finish(rig.mover("a"), MoverResult.End.COMPLETED, "snap", null);
        assertThat(rig.state("a")).isInstanceOf(SessionState.Interrupted.class);
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.session("a").generation()).isEqualTo(2);
        assertThat(rig.state("a")).isInstanceOf(SessionState.Running.class);
    }

    @Test
    void a_killed_mover_is_replaced_by_one_with_the_same_token_and_the_sums_go_on() {
        rig.submit("a");
        rig.mover("a").status = FakeMovers.status(500, "token-a");
        rig.pass(Duration.ofSeconds(1));
        rig.movers.end(rig.mover("a"), null);
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.mover("a").order.token()).isEqualTo("token-a");
        assertThat(rig.mover("a").order.generation()).isEqualTo(2);
        rig.mover("a").status = FakeMovers.status(200, "token-a");
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.session("a").totals().bytesSent()).isEqualTo(700);
    }

    @Test
    void a_failure_that_another_attempt_cannot_help_ends_it() {
        rig.submit("a");
        Failure why = new Failure("KEY_WRONG", "wrong key", false);
        rig.movers.finish(rig.mover("a"), MoverResult.End.FAILED, null, why);
        assertThat(rig.session("a").outcome()).contains(new Outcome.Failed(why));
    }

    @Test
    void attempts_without_progress_are_bounded() {
        rig.submit("a");
        for (int i = 0; i < 20 && rig.session("a").outcome().isEmpty(); i++) {
            rig.movers.end(rig.mover("a"), null);
            rig.pass(Duration.ofMinutes(6));
        }
        assertThat(rig.session("a").failure().orElseThrow().code()).isEqualTo("ATTEMPTS_EXHAUSTED");
        assertThat(rig.movers.count(A)).isEqualTo(10);
    }

    @Test
    void a_full_disk_is_waited_for() {
        rig.submit("a");
        Failure full = new Failure("REPOSITORY_FULL", "no space left", true);
        for (int i = 0; i < 20; i++) {
            rig.movers.finish(rig.mover("a"), MoverResult.End.FAILED, null, full);
            rig.pass(Duration.ofMinutes(6));
        }
        assertThat(rig.session("a").outcome()).isEmpty();
        assertThat(rig.movers.count(A)).isEqualTo(21);
    }

    @Test
    void what_has_begun_waits_for_its_repository_until_it_is_back() {
        rig.submit("a");
        rig.mover("a").status = FakeMovers.status(500, "token-a");
        rig.pass(Duration.ofSeconds(1));
        rig.proof.say(A, new TransferProof.Proof.Unreachable(AWAY));
        rig.movers.finish(rig.mover("a"), MoverResult.End.FAILED, null, AWAY);
        for (int i = 0; i < 20; i++) {
            rig.pass(Duration.ofMinutes(6));
        }
        assertThat(rig.session("a").outcome()).isEmpty();
        assertThat(rig.session("a").failure()).contains(AWAY);
        assertThat(rig.movers.count(A)).isEqualTo(1); // Only the repository is looked for: nothing is begun without it.

        rig.proof.say(A, new TransferProof.Proof.Unfinished());
        rig.pass(Duration.ofMinutes(6));
        assertThat(rig.mover("a").order.token()).isEqualTo("token-a");
        assertThat(rig.movers.count(A)).isEqualTo(2);
        rig.movers.end(rig.mover("a"), null);
        assertThat(rig.session("a").outcome()).isEmpty(); // To have waited was no attempt.
    }

    @Test
    void a_repository_that_never_answers_holds_up_nobody() throws Exception {
        CompletableFuture<Void> server = new CompletableFuture<>();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            rig.patience = new Patience(threads, Duration.ofMillis(50));
            rig.restart();
            rig.submit("a");
            rig.proof.hang(server);

            rig.movers.end(rig.mover("a"), null);

            assertThat(rig.state("a")).isInstanceOf(SessionState.Interrupted.class);
            assertThat(rig.session("a").failure().orElseThrow().message()).contains("no answer");
            rig.pass(Duration.ofMinutes(6));
            assertThat(rig.session("a").failure().orElseThrow().message()).contains("no answer");
            assertThat(rig.movers.count(A)).isEqualTo(1);
            server.complete(null);
        }
    }

    @Test
    void only_what_has_begun_in_a_repository_waits_for_it() {
        Session accepted = Session.accepted(A, Samples.backup(), null, rig.time.instant());
        assertThat(RetryPolicy.isAway(accepted, AWAY)).isFalse();
        rig.submit("a");
        rig.pass(Duration.ofSeconds(1));
        assertThat(RetryPolicy.isAway(rig.session("a"), AWAY)).isTrue();
        assertThat(RetryPolicy.isAway(rig.session("a"), new Failure("KEY_WRONG", "wrong key", false)))
                .isFalse();
    }

    @Test
    void out_of_memory_halves_the_threads_of_the_next_attempt() {
        Attempt attempt = new Attempt(1, "n", 8, 0, null, 0);
        assertThat(RetryPolicy.workers(attempt.workers(), true, 4)).isEqualTo(4);
        assertThat(RetryPolicy.workers(0, true, 4)).isEqualTo(2);
        assertThat(RetryPolicy.workers(1, true, 4)).isEqualTo(1);
        assertThat(RetryPolicy.workers(8, false, 4)).isEqualTo(8);
    }

    @Test
    void the_attempt_after_one_out_of_memory_is_told_half_of_what_that_was_told() {
        SessionRequest four = new SessionRequest.Backup(Path.of("/r"), Path.of("/k"), 4, 0, Path.of("/"), "root");
        rig.sessions.submit(A, four);
        assertThat(rig.mover("a").order.workers()).isEqualTo(4);
        rig.mover("a").outOfMemory = true;
        rig.movers.end(rig.mover("a"), null);
        seconds(1);
        assertThat(rig.mover("a").order.workers()).isEqualTo(2);

        rig.movers.refuse = new Failure("MOVER_OUT_OF_MEMORY", "killed before its hello", true);
        rig.movers.end(rig.mover("a"), null);
        seconds(2);
        rig.movers.refuse = null;
        seconds(5);
        assertThat(rig.mover("a").order.workers()).isEqualTo(1);
    }

    @Test
    void a_canceled_session_ends_canceled_and_stays_so() {
        rig.submit("a");
        rig.sessions.cancel(A);
        assertThat(rig.session("a").outcome()).contains(new Outcome.Canceled());
        assertThat(rig.mover("a").canceled).isTrue();
        assertThat(rig.sessions.cancel(A).outcome()).contains(new Outcome.Canceled());
    }

    @Test
    void a_mover_that_is_frozen_stands_not_still_by_itself() {
        rig.submit("a");
        rig.pass(Duration.ofSeconds(1));
        rig.mover("a").frozen = true;
        for (int minute = 0; minute < 30; minute++) {
            rig.pass(Duration.ofMinutes(1));
        }
        rig.mover("a").frozen = false;
        rig.pass(Duration.ofMinutes(9));
        assertThat(rig.movers.stopped).isEmpty();
        assertThat(rig.state("a")).isInstanceOf(SessionState.Running.class);
        rig.pass(Duration.ofMinutes(2));
        assertThat(rig.movers.stopped).containsExactly("a");
    }

    @Test
    void a_mover_that_stands_still_is_fenced_and_replaced() {
        rig.submit("a");
        rig.pass(Duration.ofSeconds(1));
        rig.pass(Duration.ofMinutes(11));
        assertThat(rig.movers.stopped).containsExactly("a");
        assertThat(rig.session("a").failure().orElseThrow().code()).isEqualTo("STALLED");
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.state("a")).isInstanceOf(SessionState.Running.class);
    }

    @Test
    void a_silent_mover_is_not_dead_before_its_time() {
        rig.submit("a");
        rig.mover("a").answers = false;
        seconds(9);
        assertThat(rig.state("a")).isInstanceOf(SessionState.Running.class);
        rig.mover("a").answers = true;
        seconds(1);
        rig.mover("a").answers = false;
        seconds(9);
        assertThat(rig.movers.stopped).isEmpty();
        seconds(6);
        assertThat(rig.movers.stopped).containsExactly("a");
        assertThat(rig.session("a").generation()).isEqualTo(2);
    }

    @Test
    void a_mover_that_does_not_answer_but_works_is_only_slow() {
        rig.submit("a");
        FakeMovers.Process mover = rig.mover("a");
        mover.answers = false;
        for (int i = 0; i < 60; i++) {
            mover.cpuTicks += 20;
            seconds(1);
        }
        mover.busy = true;
        seconds(60);
        mover.busy = false;
        for (int i = 1; i <= 60; i++) {
            mover.status = FakeMovers.status(i, "token-a", rig.time.instant());
            seconds(1);
        }
        assertThat(rig.state("a")).isInstanceOf(SessionState.Running.class);
        assertThat(rig.session("a").progress().bytesDone()).isEqualTo(60);
        assertThat(rig.movers.stopped).isEmpty();
    }

    @Test
    void a_rate_limit_below_a_chunk_in_the_stall_limit_is_given_the_time_it_asks_for() {
        rig.submit("a");
        rig.sessions.limit(A, 1024);
        seconds(1);
        rig.pass(Duration.ofMinutes(165)); // Three chunks and one for each of two threads: 171 minutes.
        assertThat(rig.movers.stopped).isEmpty();
        rig.pass(Duration.ofMinutes(10));
        assertThat(rig.movers.stopped).containsExactly("a");
    }

    @Test
    void a_slow_mover_has_as_long_as_one_that_stands_still() {
        rig.submit("a");
        rig.mover("a").answers = false;
        rig.mover("a").busy = true;
        rig.pass(Duration.ofMinutes(9));
        assertThat(rig.movers.stopped).isEmpty();
        rig.pass(Duration.ofMinutes(2));
        assertThat(rig.movers.stopped).containsExactly("a");
    }

    @Test
    void a_mover_that_cannot_be_looked_at_is_left_alone() {
        rig.submit("a");
        rig.movers.blind = 1;
        seconds(1);
        assertThat(rig.movers.blind).isZero();
        assertThat(rig.state("a")).isInstanceOf(SessionState.Running.class);
        assertThat(rig.mover("a").canceled).isFalse();
        rig.movers.blind = 1;
        rig.movers.end(rig.mover("a"), null);
        assertThat(rig.state("a")).isInstanceOf(SessionState.Running.class);
        seconds(1);
        assertThat(rig.state("a")).isInstanceOf(SessionState.Interrupted.class);
    }

    private void seconds(int count) {
        for (int i = 0; i < count; i++) {
            rig.pass(Duration.ofSeconds(1));
        }
    }

    @Test
    void further_sessions_wait_for_a_place() {
        rig.concurrentMax = 1;
        rig.restart();
        rig.submit("a");
        rig.submit("b");
        assertThat(rig.state("b")).isInstanceOf(SessionState.Accepted.class);
        rig.sessions.cancel(A);
        assertThat(rig.state("b")).isInstanceOf(SessionState.Running.class);
    }

    @Test
    void the_same_request_again_is_the_same_session_and_another_one_is_a_conflict() {
        rig.submit("a");
        rig.submit("a");
        assertThat(rig.sessions.all()).hasSize(1);
        SessionRequest other = new SessionRequest.Restore(Path.of("/r"), Path.of("/k"), 0, 0, "latest", Path.of("/t"));
        assertThatThrownBy(() -> rig.sessions.submit(A, other)).isInstanceOf(SessionConflict.class);
        assertThatThrownBy(() -> rig.sessions.remove(A)).isInstanceOf(SessionConflict.class);
    }

    @Test
    void the_deadline_ends_it_as_failed() {
        rig.deadline = Duration.ofMinutes(5);
        rig.restart();
        rig.submit("a");
        rig.pass(Duration.ofMinutes(6));
        assertThat(rig.session("a").failure().orElseThrow().code()).isEqualTo("DEADLINE");
        assertThat(rig.session("a").outcome()).isPresent();
    }

    @Test
    void a_limit_reaches_the_mover_and_later_attempts() {
        rig.submit("a");
        assertThat(rig.sessions.limit(A, 77)).isTrue();
        assertThat(rig.mover("a").limit).isEqualTo(77);
        rig.movers.end(rig.mover("a"), null);
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.mover("a").order.request().bytesPerSecondMax()).isEqualTo(77);
    }

    @Test
    void a_limit_reaches_a_mover_that_did_not_answer_as_soon_as_it_does() {
        rig.submit("a");
        rig.mover("a").answers = false;
        assertThat(rig.sessions.limit(A, 77)).isFalse();
        assertThat(rig.mover("a").limit).isZero();
        rig.mover("a").answers = true;
        rig.restart();
        rig.pass(Duration.ofSeconds(2));
        assertThat(rig.mover("a").limit).isEqualTo(77);
    }

    @Test
    void the_grace_window_checkpoints_and_keeps_or_stops() {
        rig.submit("a");
        rig.submit("b");
        rig.mover("b").answers = false;
        rig.mover("a").status = FakeMovers.status(300, "token-a");
        ShutdownReport report = rig.sessions.shutdown(Duration.ofSeconds(5), MoverPolicy.KEEP);
        assertThat(report.checkpointed()).isEqualTo(1);
        assertThat(report.unanswered()).containsExactly(new SessionId("b"));
        assertThat(rig.mover("a").alive).isTrue();
        assertThat(rig.store.loadAll().sessions().getFirst().progress().bytesSent())
                .isEqualTo(300);
        assertThatThrownBy(() -> rig.submit("c")).isInstanceOf(SessionsClosed.class);
        rig.sessions.shutdown(Duration.ofSeconds(5), MoverPolicy.STOP);
        assertThat(rig.movers.living()).isEmpty();
    }
}
