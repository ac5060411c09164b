package dev.holdfast.transfer.repository;

/** What the repository knows of a writing session. */
public sealed interface SessionState {
    /** Its snapshot is committed. */
    record Completed(Snapshot snapshot) implements SessionState {}

    /** Ended without a snapshot (a restore, or canceled); {@code outcome} is what {@link Attempt#finish} was given. */
    record Finished(String outcome) implements SessionState {}

    /** Begun and not ended; {@code epoch} is that of its newest attempt. */
    record Unfinished(long epoch) implements SessionState {}

    /** Never begun here, or swept. */
    record Unknown() implements SessionState {}
}
