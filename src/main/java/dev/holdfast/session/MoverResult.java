package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * What a mover wrote down when it ended by itself.
 *
 * @param snapshot set when completed
 * @param failure set when failed
 * @param status last status, with the final progress
 */
public record MoverResult(
        End end, @Nullable String snapshot, @Nullable Failure failure, MoverStatus status) {
    /** How it ended. STOPPED has a checkpoint to resume from. */
    public enum End {
        COMPLETED,
        STOPPED,
        CANCELED,
        FAILED
    }
}
