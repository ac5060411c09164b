package dev.holdfast.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How mover processes are started and limited. */
@ConfigMapping(prefix = "holdfast.mover")
public interface MoverConfig {
    /** Most threads of a mover, as the engine sets it. */
    int WORKERS_MAX = 64;

    /** How long a mover works on without an agent before it makes a checkpoint and exits. 1 min to 30 d. */
    @WithDefault("24h")
    Duration orphanLimit();

    /**
     * How long a new mover may take to say who it is; then it is killed and tried again. 1 s to 10 min. One that ends
     * before is noticed at once, so this only has to be longer than a start on a starved machine. One that has said it
     * and does not answer on its socket by then is looked after like any other that is silent.
     */
    @WithDefault("60s")
    Duration helloTimeout();

    /**
     * Threads of a mover where the session does not say. 0 to {@value #WORKERS_MAX}; 0 means one per core, at most 4.
     */
    @WithDefault("0")
    int workers();

    /** How long a mover may stand still before it is interrupted and its session resumed. 10 s to 24 h. */
    @WithDefault("10m")
    Duration stallLimit();

    /**
     * Program and first arguments of a mover, separated by commas; {@code mover} and a directory are added. Unset: the
     * program the agent itself runs from; of the native executable a copy in the state directory, unless it lies on
     * that file system already.
     */
    Optional<List<String>> command();

    /** {@code memory.max} of a mover's cgroup, such as {@code 512M}. At least 64 MiB. Unset: no limit. */
    Optional<MemorySize> memoryMax();

    /** {@code cpu.max} of a mover's cgroup, in cores, such as {@code 1.5}. 0.01 to 1024. Unset: no limit. */
    Optional<Double> cpuMax();
}
