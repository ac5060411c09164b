package dev.holdfast.session;

/** What happened to a session. Facts and finished decisions; the machine asks nobody. */
public sealed interface SessionEvent {
    /** Name for history, logs and the golden table. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** A place among the concurrent sessions is free for it. */
    record Admitted() implements SessionEvent {}

    /** A process is about to be started: generation and nonce are set. */
    record LaunchOrdered() implements SessionEvent {}

    /** The process answered. */
    record Launched(MoverHandle mover) implements SessionEvent {}

    /** There is no process, and everything made for it has been undone. */
    record LaunchFailed(Failure why, RetryPolicy.Decision next) implements SessionEvent {}

    /** Found alive, and ours beyond doubt. */
    record MoverAnswered(MoverHandle mover) implements SessionEvent {}

    /** Ours, but silent or standing still. */
    record MoverSuspected(MoverHandle mover, Failure why) implements SessionEvent {}

    /** Proven gone, and the transfer is proven not complete or could not be looked up. */
    record MoverLost(Failure why, RetryPolicy.Decision next) implements SessionEvent {}

    /** The repository has proven it. */
    record TransferCompleted(String snapshot) implements SessionEvent {}

    /** No process, and another attempt would fail as well. */
    record TransferFailed(Failure why) implements SessionEvent {}

    /** The mover ended because it was told to give up. */
    record MoverCanceled() implements SessionEvent {}

    /** Someone asked for it. */
    record CancelRequested() implements SessionEvent {}

    /** The deadline has passed, or a bug was caught: no further attempt. */
    record GivenUp(Failure why) implements SessionEvent {}
}
