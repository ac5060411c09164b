package dev.holdfast.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** What happens when the agent is asked to end. */
@ConfigMapping(prefix = "holdfast.shutdown")
public interface ShutdownConfig {
    /**
     * How long the agent waits for its movers' checkpoints before it exits with what is known. 0 to 10 min; keep it
     * below the time after which the agent is killed ({@code terminationGracePeriodSeconds}, {@code TimeoutStopSec}).
     */
    @WithDefault("30s")
    Duration grace();

    /**
     * What movers do after their checkpoint: {@code keep} on working or {@code stop}. Unset: {@code keep}, but
     * {@code stop} in a container where movers have no cgroup of their own, because they would be killed with it.
     */
    Optional<Movers> movers();

    /** What movers do after their checkpoint. */
    enum Movers {
        KEEP,
        STOP
    }
}
