package dev.holdfast.session;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides, and does nothing else: no clock, no disk, no process. Every pair of state and event is either a step, or
 * late news that changes nothing, or a bug. {@code golden/session-transitions.txt} has all of them as a table.
 */
public final class SessionMachine {
    static final String SILENT = "MOVER_SILENT";

    /** The state to store, and what to do after that. Late news gives the same state and nothing to do. */
    public record Step(SessionState state, List<SessionEffect> effects) {
        public Step {
            effects = List.copyOf(effects);
        }
    }

    private SessionMachine() {}

    /** @throws IllegalStateException if this event cannot happen in this state */
    public static Step next(SessionState state, SessionEvent event, Instant now) {
        return switch (state) {
            case SessionState.Accepted accepted -> accepted(accepted, event, now);
            case SessionState.Prepared prepared -> prepared(prepared, event, now);
            case SessionState.Launching launching -> launching(launching, event, now);
            case SessionState.Running running -> running(running, event, now);
            case SessionState.Suspect suspect -> suspect(suspect, event, now);
            case SessionState.Interrupted interrupted -> interrupted(interrupted, event, now);
            case SessionState.Canceling canceling -> canceling(canceling, event, now);
            case SessionState.Ended ended -> ended(ended, event);
        };
    }

    private static Step accepted(SessionState.Accepted state, SessionEvent event, Instant now) {
        return switch (event) {
            case SessionEvent.Admitted _ -> step(new SessionState.Prepared(now), new SessionEffect.Prepare());
            case SessionEvent.TransferFailed failed -> end(new Outcome.Failed(failed.why()), now);
            case SessionEvent.CancelRequested _ -> end(new Outcome.Canceled(), now);
            case SessionEvent.GivenUp given -> end(new Outcome.Failed(given.why()), now);
            case SessionEvent.LaunchOrdered _,
                    SessionEvent.Launched _,
                    SessionEvent.LaunchFailed _,
                    SessionEvent.MoverAnswered _,
                    SessionEvent.MoverSuspected _,
                    SessionEvent.MoverLost _,
                    SessionEvent.TransferCompleted _,
                    SessionEvent.MoverCanceled _ -> throw illegal(state, event);
        };
    }

    private static Step prepared(SessionState.Prepared state, SessionEvent event, Instant now) {
        return switch (event) {
            case SessionEvent.LaunchOrdered _ -> launch(now);
            case SessionEvent.TransferFailed failed -> end(new Outcome.Failed(failed.why()), now);
            case SessionEvent.CancelRequested _ -> end(new Outcome.Canceled(), now);
            case SessionEvent.GivenUp given -> end(new Outcome.Failed(given.why()), now);
            case SessionEvent.Admitted _,
                    SessionEvent.Launched _,
                    SessionEvent.LaunchFailed _,
                    SessionEvent.MoverAnswered _,
                    SessionEvent.MoverSuspected _,
                    SessionEvent.MoverLost _,
                    SessionEvent.TransferCompleted _,
                    SessionEvent.MoverCanceled _ -> throw illegal(state, event);
        };
    }

    private static Step launching(SessionState.Launching state, SessionEvent event, Instant now) {
        return switch (event) {
            case SessionEvent.Launched launched -> run(launched.mover(), now);
            case SessionEvent.LaunchFailed failed -> again(failed.why(), failed.next(), now);
            case SessionEvent.MoverAnswered answered -> run(answered.mover(), now);
            case SessionEvent.MoverSuspected it -> suspect(it.mover(), it.why(), now);
            case SessionEvent.MoverLost lost -> again(lost.why(), lost.next(), now);
            case SessionEvent.TransferCompleted done -> end(new Outcome.Completed(done.snapshot()), now);
            case SessionEvent.TransferFailed failed -> end(new Outcome.Failed(failed.why()), now);
            case SessionEvent.MoverCanceled _ -> end(new Outcome.Canceled(), now);
            case SessionEvent.CancelRequested _ -> giveUp(null, null, now);
            case SessionEvent.GivenUp given -> giveUp(null, given.why(), now);
            case SessionEvent.Admitted _, SessionEvent.LaunchOrdered _ -> throw illegal(state, event);
        };
    }

    private static Step running(SessionState.Running state, SessionEvent event, Instant now) {
        return switch (event) {
            case SessionEvent.MoverAnswered answered ->
                new Step(state, List.of(new SessionEffect.Watch(answered.mover())));
            case SessionEvent.MoverSuspected it -> suspect(it.mover(), it.why(), now);
            case SessionEvent.MoverLost lost -> again(lost.why(), lost.next(), now);
            case SessionEvent.TransferCompleted done -> end(new Outcome.Completed(done.snapshot()), now);
            case SessionEvent.TransferFailed failed -> end(new Outcome.Failed(failed.why()), now);
            case SessionEvent.MoverCanceled _ -> end(new Outcome.Canceled(), now);
            case SessionEvent.CancelRequested _ -> giveUp(state.mover(), null, now);
            case SessionEvent.GivenUp given -> giveUp(state.mover(), given.why(), now);
            case SessionEvent.Admitted _,
                    SessionEvent.LaunchOrdered _,
                    SessionEvent.Launched _,
                    SessionEvent.LaunchFailed _ -> throw illegal(state, event);
        };
    }

    private static Step suspect(SessionState.Suspect state, SessionEvent event, Instant now) {
        return switch (event) {
            case SessionEvent.MoverAnswered answered -> run(answered.mover(), now);
            case SessionEvent.MoverSuspected it ->
                new Step(state, List.of(new SessionEffect.Fence(it.mover(), notSilent(state.why()))));
            case SessionEvent.MoverLost lost -> again(lost.why(), lost.next(), now);
            case SessionEvent.TransferCompleted done -> end(new Outcome.Completed(done.snapshot()), now);
            case SessionEvent.TransferFailed failed -> end(new Outcome.Failed(failed.why()), now);
            case SessionEvent.MoverCanceled _ -> end(new Outcome.Canceled(), now);
            case SessionEvent.CancelRequested _ -> giveUp(state.mover(), null, now);
            case SessionEvent.GivenUp given -> giveUp(state.mover(), given.why(), now);
            case SessionEvent.Admitted _,
                    SessionEvent.LaunchOrdered _,
                    SessionEvent.Launched _,
                    SessionEvent.LaunchFailed _ -> throw illegal(state, event);
        };
    }

    private static Step interrupted(SessionState.Interrupted state, SessionEvent event, Instant now) {
        return switch (event) {
            case SessionEvent.LaunchOrdered _ -> launch(now);
            case SessionEvent.TransferCompleted done -> end(new Outcome.Completed(done.snapshot()), now);
            case SessionEvent.TransferFailed failed -> end(new Outcome.Failed(failed.why()), now);
            case SessionEvent.CancelRequested _ -> end(new Outcome.Canceled(), now);
            case SessionEvent.GivenUp given -> end(new Outcome.Failed(given.why()), now);
            case SessionEvent.MoverLost lost -> again(lost.why(), lost.next(), now);
            case SessionEvent.Admitted _,
                    SessionEvent.Launched _,
                    SessionEvent.LaunchFailed _,
                    SessionEvent.MoverAnswered _,
                    SessionEvent.MoverSuspected _,
                    SessionEvent.MoverCanceled _ -> throw illegal(state, event);
        };
    }

    private static Step canceling(SessionState.Canceling state, SessionEvent event, Instant now) {
        Failure because = state.because();
        Outcome ending = because == null ? new Outcome.Canceled() : new Outcome.Failed(because);
        return switch (event) {
            case SessionEvent.Launched launched -> cancelKnown(state, launched.mover(), now);
            case SessionEvent.MoverAnswered answered -> cancelKnown(state, answered.mover(), now);
            case SessionEvent.MoverSuspected it ->
                new Step(
                        new SessionState.Canceling(it.mover(), because, state.since()),
                        List.of(new SessionEffect.Watch(it.mover()), new SessionEffect.Fence(it.mover(), true)));
            case SessionEvent.TransferCompleted done -> end(new Outcome.Completed(done.snapshot()), now);
            case SessionEvent.LaunchFailed _,
                    SessionEvent.MoverLost _,
                    SessionEvent.TransferFailed _,
                    SessionEvent.MoverCanceled _ -> end(ending, now);
            case SessionEvent.CancelRequested _, SessionEvent.GivenUp _ -> new Step(state, List.of());
            case SessionEvent.Admitted _, SessionEvent.LaunchOrdered _ -> throw illegal(state, event);
        };
    }

    /** Late news of a finished session is expected after a restart; a new launch never is. */
    private static Step ended(SessionState.Ended state, SessionEvent event) {
        return switch (event) {
            case SessionEvent.LaunchFailed _,
                    SessionEvent.MoverLost _,
                    SessionEvent.TransferCompleted _,
                    SessionEvent.TransferFailed _,
                    SessionEvent.MoverCanceled _,
                    SessionEvent.CancelRequested _,
                    SessionEvent.GivenUp _ -> new Step(state, List.of());
            case SessionEvent.Admitted _,
                    SessionEvent.LaunchOrdered _,
                    SessionEvent.Launched _,
                    SessionEvent.MoverAnswered _,
                    SessionEvent.MoverSuspected _ -> throw illegal(state, event);
        };
    }

    private static Step launch(Instant now) {
        return step(new SessionState.Launching(now), new SessionEffect.Launch());
    }

    private static Step run(MoverHandle mover, Instant now) {
        return step(new SessionState.Running(mover, now), new SessionEffect.Watch(mover));
    }

    private static Step suspect(MoverHandle mover, Failure why, Instant now) {
        return new Step(
                new SessionState.Suspect(mover, why, now),
                List.of(new SessionEffect.Watch(mover), new SessionEffect.Fence(mover, notSilent(why))));
    }

    private static Step again(Failure why, RetryPolicy.Decision next, Instant now) {
        return switch (next) {
            case RetryPolicy.Decision.Again(Instant at) ->
                step(new SessionState.Interrupted(why, at, now), new SessionEffect.AwaitRetry(at));
            case RetryPolicy.Decision.Never(Failure reason) -> end(new Outcome.Failed(reason), now);
        };
    }

    private static Step giveUp(@Nullable MoverHandle mover, @Nullable Failure because, Instant now) {
        SessionState state = new SessionState.Canceling(mover, because, now);
        return step(state, mover == null ? new SessionEffect.Settle() : new SessionEffect.TellCancel(mover));
    }

    private static Step cancelKnown(SessionState.Canceling state, MoverHandle mover, Instant now) {
        if (mover.equals(state.mover())) {
            return new Step(state, List.of(new SessionEffect.Watch(mover), new SessionEffect.TellCancel(mover)));
        }
        return new Step(
                new SessionState.Canceling(mover, state.because(), now),
                List.of(new SessionEffect.Watch(mover), new SessionEffect.TellCancel(mover)));
    }

    private static Step end(Outcome outcome, Instant now) {
        return step(new SessionState.Ended(outcome, now), new SessionEffect.Forget());
    }

    private static boolean notSilent(Failure why) {
        return !why.code().equals(SILENT);
    }

    private static Step step(SessionState state, SessionEffect effect) {
        return new Step(state, List.of(effect));
    }

    private static IllegalStateException illegal(SessionState state, SessionEvent event) {
        return new IllegalStateException(
                event.name() + " in " + state.getClass().getSimpleName());
    }
}
