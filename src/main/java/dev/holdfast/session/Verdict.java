package dev.holdfast.session;

import dev.holdfast.linux.Workers;
import java.time.Instant;

/**
 * What follows from what was found of a mover and what the repository says. Pure but for the jitter of the retry.
 *
 * @param attempt what is known of the attempt from now on
 * @param forgetToken the repository no longer knows it
 */
record Verdict(SessionEvent event, Attempt attempt, boolean forgetToken) {
    Session on(Session session, Instant now) {
        Session next = session.with(attempt);
        return forgetToken ? next.forgotten(now) : next;
    }

    static Verdict alive(Session session, MoverHandle mover) {
        return new Verdict(new SessionEvent.MoverAnswered(mover), session.current(), false);
    }

    static Verdict silent(Session session, MoverHandle mover) {
        Failure why =
                new Failure(SessionMachine.SILENT, "mover pid " + mover.pid() + " is alive but does not answer", true);
        return new Verdict(new SessionEvent.MoverSuspected(mover, why), session.current(), false);
    }

    /** For a mover that is gone; the repository has the first word. */
    static Verdict gone(
            Session session, Movers.Finding finding, TransferProof.Proof proof, RetryPolicy policy, Instant now) {
        boolean unknown = proof instanceof TransferProof.Proof.TokenUnknown && session.token() != null;
        return switch (proof) {
            case TransferProof.Proof.Completed(String snapshot) ->
                new Verdict(new SessionEvent.TransferCompleted(snapshot), session.current(), false);
            case TransferProof.Proof.Unfinished _, TransferProof.Proof.TokenUnknown _ ->
                unproven(session, finding, unknown, policy, now);
            case TransferProof.Proof.Unreachable(Failure why) -> {
                if (RetryPolicy.isAway(session, why) && !ended(finding, MoverResult.End.CANCELED)) {
                    boolean outOfMemory = finding instanceof Movers.Finding.Gone(MoverStatus _, boolean oom) && oom;
                    yield away(session, why, outOfMemory, policy, now);
                }
                yield ended(finding, MoverResult.End.COMPLETED)
                        ? lost(session, retryable(why), false, false, policy, now)
                        : unproven(session, finding, false, policy, now);
            }
        };
    }

    /** Another attempt, or none: counts those without progress, and halves the threads after one out of memory. */
    static Verdict lost(
            Session session, Failure why, boolean outOfMemory, boolean unknown, RetryPolicy policy, Instant now) {
        Attempt attempt = session.current();
        int fruitless = RetryPolicy.fruitless(attempt.fruitless(), why, session.progress());
        int workers = RetryPolicy.workers(attempt.workers(), outOfMemory, Workers.byDefault());
        return new Verdict(
                new SessionEvent.MoverLost(why, policy.after(why, fruitless, session.deadline(), now)),
                attempt.withRetry(fruitless, workers),
                unknown);
    }

    /** For an interrupted session of which the repository says nothing: not even that another attempt is wanted. */
    static Verdict unreachable(Session session, Failure why, RetryPolicy policy, Instant now) {
        if (RetryPolicy.isAway(session, why)) {
            return away(session, why, false, policy, now);
        }
        Attempt attempt = session.current();
        int fruitless = attempt.fruitless() + 1;
        return new Verdict(
                new SessionEvent.MoverLost(why, policy.after(retryable(why), fruitless, session.deadline(), now)),
                attempt.withRetry(fruitless, attempt.workers()),
                false);
    }

    private static Verdict away(Session session, Failure why, boolean outOfMemory, RetryPolicy policy, Instant now) {
        Attempt attempt = session.current();
        int fruitless = RetryPolicy.fruitless(attempt.fruitless(), session.progress());
        int workers = RetryPolicy.workers(attempt.workers(), outOfMemory, Workers.byDefault());
        return new Verdict(
                new SessionEvent.MoverLost(why, policy.whileAway(session.deadline(), now)),
                attempt.withRetry(fruitless, workers),
                false);
    }

    private static boolean ended(Movers.Finding finding, MoverResult.End end) {
        return finding instanceof Movers.Finding.Finished(MoverResult result) && result.end() == end;
    }

    private static Verdict unproven(
            Session session, Movers.Finding finding, boolean unknown, RetryPolicy policy, Instant now) {
        return switch (finding) {
            case Movers.Finding.Finished(MoverResult result) -> ended(session, result, unknown, policy, now);
            case Movers.Finding.Gone(MoverStatus _, boolean outOfMemory) ->
                lost(session, why(session, vanished(outOfMemory)), outOfMemory, unknown, policy, now);
            case Movers.Finding.Foreign(String what, MoverStatus _) ->
                lost(session, why(session, new Failure("MOVER_LOST", what, true)), false, unknown, policy, now);
            case Movers.Finding.Alive _, Movers.Finding.Silent _, Movers.Finding.Unknown _ ->
                throw new IllegalStateException("a living mover was taken for a dead one");
        };
    }

    private static Verdict ended(
            Session session, MoverResult result, boolean unknown, RetryPolicy policy, Instant now) {
        return switch (result.end()) {
            case COMPLETED ->
                lost(
                        session,
                        new Failure("UNPROVEN", "the mover reports success, the repository does not know it", true),
                        false,
                        unknown,
                        policy,
                        now);
            case STOPPED ->
                lost(
                        session,
                        why(session, new Failure("MOVER_STOPPED", "the mover was told to stop; it resumes", true)),
                        false,
                        unknown,
                        policy,
                        now);
            case CANCELED -> new Verdict(new SessionEvent.MoverCanceled(), session.current(), false);
            case FAILED -> {
                Failure failure = result.failure() == null
                        ? new Failure("MOVER_LOST", "the mover failed and did not say why; see its log", true)
                        : result.failure();
                yield failure.retryable() || mayBeFree(session, failure)
                        ? lost(session, retryable(failure), oom(failure), unknown, policy, now)
                        : new Verdict(new SessionEvent.TransferFailed(failure), session.current(), false);
            }
        };
    }

    /** A device that was had before may still be held by the mover before this one. */
    private static boolean mayBeFree(Session session, Failure failure) {
        return session.token() != null && failure.code().equals("TARGET_BUSY");
    }

    /** What made it suspect says more than that it is gone now. */
    private static Failure why(Session session, Failure otherwise) {
        return session.state() instanceof SessionState.Suspect suspect ? suspect.why() : otherwise;
    }

    private static Failure vanished(boolean outOfMemory) {
        return outOfMemory
                ? new Failure("MOVER_OUT_OF_MEMORY", "the mover ran out of memory; the next has fewer threads", true)
                : new Failure("MOVER_LOST", "the mover ended without a result; see its log", true);
    }

    static boolean oom(Failure failure) {
        return failure.code().contains("OUT_OF_MEMORY");
    }

    private static Failure retryable(Failure why) {
        return new Failure(why.code(), why.message(), true);
    }
}
