package dev.holdfast.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Whether and when an interrupted session is tried again: exponential from {@code first} to {@code max}, jittered by
 * half, bounded by attempts in a row that made no progress, and by the deadline. What somebody else will mend, who may
 * not know of the session, is waited for as long as the deadline allows, and is no attempt: a full disk, and for a
 * transfer that has begun its repository, source or target being away. Pure but for the random source.
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

    /** What the repository says when it is not mounted, or its server is away. */
    private static final Set<String> AWAY = Set.of("REPOSITORY_MISSING", "REPOSITORY_IO", "KEY_MISSING");

    /** What a mover says of a source or target that is not the one it began with. */
    private static final Set<String> PLACE_AWAY = Set.of("SOURCE_AWAY", "TARGET_AWAY");

    /** To look for a repository costs little. */
    private static final Duration AWAY_PAUSE = Duration.ofMinutes(1);

    private final SessionSettings.Retry settings;
    private final RandomGenerator random;

    RetryPolicy(SessionSettings.Retry settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
    }

    /** @param fruitless attempts in a row without progress, this one included; 0 if it moved data */
    Decision after(Failure why, int fruitless, @Nullable Instant deadline, Instant now) {
        if (!why.retryable()) {
            return new Decision.Never(why);
        }
        if (isWaitedFor(why)) {
            return at(jittered(settings.max()), deadline, now);
        }
        if (fruitless >= settings.attemptsMax()) {
            return new Decision.Never(new Failure(
                    "ATTEMPTS_EXHAUSTED",
                    fruitless + " attempts in a row made no progress, the last: " + why.code() + ": " + why.message(),
                    false));
        }
        return at(jittered(exponential(fruitless)), deadline, now);
    }

    /** When to look again for a repository that is away. */
    Decision whileAway(@Nullable Instant deadline, Instant now) {
        Duration pause = settings.max().compareTo(AWAY_PAUSE) < 0 ? settings.max() : AWAY_PAUSE;
        return at(jittered(pause), deadline, now);
    }

    /** Whether the repository, asked for this session, says no more than that it is away: it knew the session once. */
    static boolean isAway(Session session, Failure why) {
        return session.token() != null && AWAY.contains(why.code());
    }

    /** Attempts in a row without progress after one that ended with {@code progress}. */
    static int fruitless(int before, Failure why, Progress progress) {
        return isWaitedFor(why) ? fruitless(before, progress) : fruitless(before + 1, progress);
    }

    /** The same if it was none that counts. */
    static int fruitless(int before, Progress progress) {
        return progress.bytesSent() > progress.bytesSentAgain() ? 0 : before;
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

    private static boolean isWaitedFor(Failure why) {
        return why.code().endsWith("_FULL") || PLACE_AWAY.contains(why.code());
    }

    private static Decision at(Duration pause, @Nullable Instant deadline, Instant now) {
        Instant at = now.plus(pause);
        return deadline != null && !at.isBefore(deadline)
                ? new Decision.Never(deadlinePassed(deadline))
                : new Decision.Again(at);
    }

    private Duration exponential(int fruitless) {
        int doublings = Math.min(Math.max(0, fruitless - 1), SHIFT_MAX);
        long firstNanos = settings.first().toNanos();
        long maxNanos = settings.max().toNanos();
        return Duration.ofNanos(firstNanos > maxNanos >> doublings ? maxNanos : firstNanos << doublings);
    }

    private Duration jittered(Duration full) {
        long nanos = full.toNanos();
        return Duration.ofNanos(nanos / 2 + (long) (random.nextDouble() * (nanos - nanos / 2)));
    }
}
