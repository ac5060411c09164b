package dev.holdfast.session;

import dev.holdfast.linux.Workers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How sessions behave.
 *
 * @param concurrentMax sessions with a mover at a time; further ones wait
 * @param workers threads of a mover whose request leaves it open; 0 leaves it to the mover
 * @param deadline from acceptance on, null for none
 */
public record SessionSettings(
        Retry retry,
        int concurrentMax,
        int workers,
        @Nullable Duration deadline,
        Timing timing) {
    /**
     * When an interrupted session is tried again.
     *
     * @param attemptsMax attempts in a row that made no progress before it is given up
     */
    public record Retry(int attemptsMax, Duration first, Duration max) {
        public static final Retry DEFAULT = new Retry(10, Duration.ofSeconds(1), Duration.ofMinutes(5));
    }

    /**
     * Limits and intervals.
     *
     * @param tick between two looks at what is due; zero: only when {@link Sessions#refresh} is called
     * @param stallLimit how long a mover may stand still before it is interrupted
     * @param silentLimit how long a mover's socket may be silent before it is fenced
     * @param stopGrace between SIGTERM and SIGKILL
     * @param recoveryBudget for examining one session at boot
     * @param tokenCheck between two questions to the repository whether it still knows the token
     * @param persistEvery between two writes of progress alone
     */
    public record Timing(
            Duration tick,
            Duration stallLimit,
            Duration silentLimit,
            Duration stopGrace,
            Duration recoveryBudget,
            Duration tokenCheck,
            Duration persistEvery) {
        public static final Timing DEFAULT = new Timing(
                Duration.ofMillis(200),
                Duration.ofMinutes(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                Duration.ofMinutes(15),
                Duration.ofSeconds(30));

        private static final long CHUNK_BYTES_MAX = 2 << 20;
        private static final int SLOW_CHUNKS = 3;

        /** A low rate limit asks for more patience: what moves at once is a chunk, and each thread may wait for one. */
        Duration stallLimit(Session session) {
            long bytesPerSecondMax = session.request().bytesPerSecondMax();
            int told = session.current().workers();
            int chunks = SLOW_CHUNKS + (told > 0 ? told : Workers.DEFAULT_MAX);
            Duration slow = bytesPerSecondMax > 0
                    ? Duration.ofSeconds(chunks * CHUNK_BYTES_MAX / bytesPerSecondMax)
                    : Duration.ZERO;
            return slow.compareTo(stallLimit) > 0 ? slow : stallLimit;
        }

        public Timing withStallLimit(Duration limit) {
            return new Timing(tick, limit, silentLimit, stopGrace, recoveryBudget, tokenCheck, persistEvery);
        }

        public Timing withTick(Duration every) {
            return new Timing(every, stallLimit, silentLimit, stopGrace, recoveryBudget, tokenCheck, persistEvery);
        }
    }

    public static final SessionSettings DEFAULT = new SessionSettings(Retry.DEFAULT, 16, 0, null, Timing.DEFAULT);

    public SessionSettings {
        if (concurrentMax < 1) {
            throw new IllegalArgumentException("concurrentMax " + concurrentMax + ": at least 1 is needed");
        }
    }
}
