package dev.holdfast.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How sessions are supervised and tried again. */
@ConfigMapping(prefix = "holdfast.session")
public interface SessionConfig {
    /** How often each running session is checked against its process, socket and cgroup. 1 s to 1 h. */
    @WithDefault("30s")
    Duration revalidate();

    /**
     * How many attempts in a row may end without having moved data; then the session fails with
     * {@code ATTEMPTS_EXHAUSTED}. An attempt that moved data starts the count again. 1 to 1000.
     */
    @WithDefault("10")
    int attemptsMax();

    /** Wait before the second attempt; doubled for each further one. 100 ms to {@code retry-max}. */
    @WithDefault("1s")
    Duration retryFirst();

    /** Longest wait between two attempts. At most 24 h. */
    @WithDefault("5m")
    Duration retryMax();

    /** How many movers run at once; further sessions wait. 1 to 256. */
    @WithDefault("16")
    int concurrentMax();

    /**
     * How long a session may take from its acceptance to its end; then it fails with {@code DEADLINE}. At least 1 s.
     * Unset: no limit.
     */
    Optional<Duration> deadline();
}
