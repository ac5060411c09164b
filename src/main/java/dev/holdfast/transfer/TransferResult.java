package dev.holdfast.transfer;

/** How a run of the engine ended when nothing went wrong; what went wrong is a {@link TransferException}. */
public sealed interface TransferResult {
    /** The state at the end. */
    TransferProgress progress();

    /** The snapshot is committed, or restored in full. */
    record Completed(String snapshotId, TransferProgress progress) implements TransferResult {}

    /** Checkpointed on request; the token resumes it. */
    record Stopped(TransferProgress progress) implements TransferResult {}

    /** Given up on request. */
    record Canceled(TransferProgress progress) implements TransferResult {}
}
