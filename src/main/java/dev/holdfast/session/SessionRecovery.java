package dev.holdfast.session;

import dev.holdfast.session.RecoveryReport.Recovered;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Takes up the sessions that an earlier agent left, each by what is found of it. */
final class SessionRecovery {
    private static final int CONCURRENT_MAX = 16;
    private final Sessions sessions;
    private final SessionWork work;
    private final Places places;
    private final SessionSettings settings;
    private final Semaphore turns = new Semaphore(CONCURRENT_MAX);

    SessionRecovery(Sessions sessions, SessionWork work, Places places, SessionSettings settings) {
        this.sessions = sessions;
        this.work = work;
        this.places = places;
        this.settings = settings;
    }

    /** Begins; the result comes when the session has been judged. */
    CompletableFuture<Recovered> begin(Lane lane) {
        CompletableFuture<Recovered> result = new CompletableFuture<>();
        turns.acquireUninterruptibly();
        long begun = System.nanoTime();
        result.whenComplete((_, _) -> turns.release());
        sessions.post(lane, () -> {
            try {
                result.complete(judge(lane, begun));
            } finally {
                result.complete(entry(lane, RecoveryOutcome.FAILED, begun, "recovery itself failed; see the log"));
            }
        });
        result.completeOnTimeout(
                entry(lane, RecoveryOutcome.RESUMED, begun, "still being looked at"),
                settings.timing().recoveryBudget().toMillis() * 2,
                TimeUnit.MILLISECONDS);
        return result;
    }

    private Recovered judge(Lane lane, long begun) {
        Session found = lane.session;
        Instant deadline = found.deadline();
        if (found.state() instanceof SessionState.Ended) {
            work.perform(lane, new SessionEffect.Forget());
            return entry(lane, RecoveryOutcome.ENDED, begun, "");
        }
        work.settle(lane);
        if (deadline != null && !sessions.now().isBefore(deadline)) {
            sessions.apply(
                    lane, new SessionEvent.GivenUp(RetryPolicy.deadlinePassed(deadline)), UnaryOperator.identity());
        }
        requireSource(lane);
        Recovered one = entry(lane, outcome(found, lane.session), begun, note(lane.session));
        sessions.note(lane, session -> session.with(one.outcome()));
        lane.doubted = lane.session.state() instanceof SessionState.Suspect suspect
                ? suspect.mover().generation()
                : 0;
        if (lane.session.state() instanceof SessionState.Prepared) {
            work.perform(lane, new SessionEffect.Prepare());
        }
        return one;
    }

    /** A session without a source fails, unless it may have been complete before that went. */
    private void requireSource(Lane lane) {
        SessionState state = lane.session.state();
        boolean needed = !state.mayHaveMover() && !(state instanceof SessionState.Ended);
        Optional<Failure> missing = needed ? places.missingSource(lane.session) : Optional.empty();
        boolean begun = state instanceof SessionState.Interrupted;
        if (missing.isPresent() && (!begun || work.isUnfinished(lane))) {
            sessions.apply(lane, new SessionEvent.TransferFailed(missing.get()), UnaryOperator.identity());
        }
    }

    private static RecoveryOutcome outcome(Session before, Session after) {
        return switch (after.state()) {
            case SessionState.Accepted _, SessionState.Prepared _, SessionState.Launching _ -> RecoveryOutcome.LAUNCHED;
            case SessionState.Running _ -> RecoveryOutcome.REATTACHED;
            case SessionState.Canceling canceling ->
                canceling.mover() == null ? RecoveryOutcome.FINISHED : RecoveryOutcome.REATTACHED;
            case SessionState.Suspect _ -> RecoveryOutcome.RESUMED;
            case SessionState.Interrupted _ ->
                before.token() != null && after.token() == null ? RecoveryOutcome.RESTARTED : RecoveryOutcome.RESUMED;
            case SessionState.Ended(Outcome outcome, Instant _) ->
                outcome instanceof Outcome.Failed ? RecoveryOutcome.FAILED : RecoveryOutcome.FINISHED;
        };
    }

    private static String note(Session session) {
        return session.failure().map(Failure::message).orElse("");
    }

    private static Recovered entry(Lane lane, RecoveryOutcome outcome, long begun, String note) {
        Session session = lane.session;
        long pid = outcome == RecoveryOutcome.REATTACHED
                ? session.mover().map(MoverHandle::pid).orElse(0L)
                : 0;
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        return new Recovered(session.id().value(), outcome, pid, millis, note);
    }
}
