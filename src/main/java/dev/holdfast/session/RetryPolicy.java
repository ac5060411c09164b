package dev.holdfast.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Whether and when an interrupted session is tried again: exponential from {@code first} to {@code max}, jittered by
 * half, bounded by attempts in a row that made no progress, and by the deadline. What {@link #waits} is bounded by the
 * deadline alone. Pure but for the random source.
 */
public final class RetryPolicy {
    /** What is to happen next. */
    public sealed interface Decision {
        /** Try again from {@code at} on. */
        record Again(Instant at) implements Decision {}

        /** Give up for this reason. */
        record Never(Failure why) implements Decision {}
    }

    private static final int SHIFT_MAX = 30;

    /** What is said when a place that was there is not mounted, or its server is away. */
    private static final Set<String> AWAY = Set.of("REPOSITORY_MISSING", "REPOSITORY_IO", "KEY_MISSING", "TARGET_IO");

    private final SessionSettings.Retry settings;
    private final RandomGenerator random;

    RetryPolicy(SessionSettings.Retry settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
    }

    /** @param fruitless attempts in a row without progress, this one included; 0 if it moved data */
    Decision after(Session session, Failure why, int fruitless, Instant now) {
        boolean waits = waits(session, why);
        if (!why.retryable() && !waits) {
            return new Decision.Never(why);
        }
        if (fruitless >= settings.attemptsMax() && !waits) {
            return new Decision.Never(new Failure(
                    "ATTEMPTS_EXHAUSTED",
                    fruitless + " attempts in a row made no progress, the last: " + why.code() + ": " + why.message(),
                    false));
        }
        Instant deadline = session.deadline();
        Instant at = now.plus(delay(fruitless));
        if (deadline != null && !at.isBefore(deadline)) {
            return new Decision.Never(deadlinePassed(deadline));
        }
        return new Decision.Again(at);
    }

    /** Attempts in a row without progress after one that ended with {@code progress}. */
    static int fruitless(int before, Progress progress) {
        return progress.bytesSent() > progress.bytesSentAgain() ? 0 : before + 1;
    }

    /** Threads for the next attempt: half of them after one that ran out of memory. */
    static int workers(int before, boolean outOfMemory, int processors) {
        if (!outOfMemory) {
            return before;
        }
        return Math.max(1, (before == 0 ? processors : before) / 2);
    }

    static Failure deadlinePassed(Instant deadline) {
        return new Failure(
                "DEADLINE", "not complete by its deadline " + deadline + "; submit it again to go on", false);
    }

    /**
     * Whether time alone, or somebody who does not know of the session, will mend it: a full disk; and for a transfer
     * that has begun, its repository being away, as in the night when a storage server restarts.
     */
    static boolean waits(Session session, Failure why) {
        return why.code().endsWith("_FULL") || (session.token() != null && AWAY.contains(why.code()));
    }

    private Duration delay(int fruitless) {
        int doublings = Math.min(Math.max(0, fruitless - 1), SHIFT_MAX);
        long firstNanos = settings.first().toNanos();
        long maxNanos = settings.max().toNanos();
        long full = firstNanos > maxNanos >> doublings ? maxNanos : firstNanos << doublings;
        return Duration.ofNanos(full / 2 + (long) (random.nextDouble() * (full - full / 2)));
    }
}
