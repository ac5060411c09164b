package dev.holdfast.session;

import dev.holdfast.testing.ManualTime;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of everything. */
final class Samples {
    static final Instant NOW = ManualTime.START;
    static final Failure WHY = new Failure("MOVER_LOST", "gone", true);
    static final MoverHandle MOVER = new MoverHandle(1, "secret", 42, 7, "boot", Path.of("/cg/a.1"), Path.of("/run/a"));

    private Samples() {}

    static SessionRequest backup() {
        return new SessionRequest.Backup(Path.of("/repo"), Path.of("/key"), 2, 0, Path.of("/"), "root");
    }

    static Session session(String id, SessionState state, @Nullable String token) {
        Session fresh = Session.accepted(new SessionId(id), backup(), null, NOW);
        return new Session(
                fresh.id(),
                fresh.request(),
                state,
                new Attempt(1, "secret", 0, 0, null, 1),
                token,
                fresh.progress(),
                new Totals(1, 2, 3),
                NOW,
                NOW,
                null,
                List.of(new Transition(NOW, "Accepted", "Admitted", "Prepared")),
                RecoveryOutcome.RESUMED);
    }

    static List<SessionState> states() {
        return List.of(
                new SessionState.Accepted(NOW),
                new SessionState.Prepared(NOW),
                new SessionState.Launching(NOW),
                new SessionState.Running(MOVER, NOW),
                new SessionState.Suspect(MOVER, WHY, NOW),
                new SessionState.Suspect(MOVER, new Failure(SessionMachine.SILENT, "silent", true), NOW),
                new SessionState.Interrupted(WHY, NOW, NOW),
                new SessionState.Canceling(null, null, NOW),
                new SessionState.Canceling(MOVER, null, NOW),
                new SessionState.Canceling(MOVER, new Failure("DEADLINE", "late", false), NOW),
                new SessionState.Ended(new Outcome.Completed("snap"), NOW),
                new SessionState.Ended(new Outcome.Failed(WHY), NOW),
                new SessionState.Ended(new Outcome.Canceled(), NOW));
    }

    static List<SessionEvent> events() {
        RetryPolicy.Decision again = new RetryPolicy.Decision.Again(NOW);
        RetryPolicy.Decision never = new RetryPolicy.Decision.Never(new Failure("ATTEMPTS_EXHAUSTED", "ten", false));
        return List.of(
                new SessionEvent.Admitted(),
                new SessionEvent.LaunchOrdered(),
                new SessionEvent.Launched(MOVER),
                new SessionEvent.LaunchFailed(WHY, again),
                new SessionEvent.LaunchFailed(WHY, never),
                new SessionEvent.MoverAnswered(MOVER),
                new SessionEvent.MoverSuspected(MOVER, new Failure("STALLED", "still", true)),
                new SessionEvent.MoverLost(WHY, again),
                new SessionEvent.MoverLost(WHY, never),
                new SessionEvent.TransferCompleted("snap"),
                new SessionEvent.TransferFailed(new Failure("SOURCE_GONE", "gone", false)),
                new SessionEvent.MoverCanceled(),
                new SessionEvent.CancelRequested(),
                new SessionEvent.GivenUp(new Failure("DEADLINE", "late", false)));
    }
}
