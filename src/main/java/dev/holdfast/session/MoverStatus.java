package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * What a living mover says about itself.
 *
 * @param token transfer session token, null until the repository has given one
 * @param start how this attempt began: {@code FRESH}, {@code RESUMED}, {@code RESUMED_EARLIER}, {@code RESTARTED}; null
 *     until known
 * @param epoch epoch that the repository handed out, 0 until known
 * @param bytesPerSecondMax the limit in force, 0 without one, -1 if it does not say
 * @param ownCgroup whether it read back that it is in the cgroup made for it
 */
public record MoverStatus(
        Progress progress,
        @Nullable String token,
        @Nullable String start,
        long epoch,
        long bytesPerSecondMax,
        boolean ownCgroup) {
    /** Whether nothing of earlier attempts counts for this one. */
    boolean beganAnew() {
        return "FRESH".equals(start) || "RESTARTED".equals(start);
    }
}
