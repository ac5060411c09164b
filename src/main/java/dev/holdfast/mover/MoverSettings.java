package dev.holdfast.mover;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How movers are run.
 *
 * @param stateDir holds {@code movers/<id>/}
 * @param runDir holds the sockets
 * @param command argv before {@code mover <dir>}
 * @param hello how long a mover may take from its start to its first answer
 * @param orphanLimit how long a mover works on without an agent
 * @param limits of each mover's cgroup
 * @param cgroupRoot where the cgroup v2 hierarchy of the host is mounted
 * @param procRoot normally {@code /proc}
 */
public record MoverSettings(
        Path stateDir,
        Path runDir,
        List<String> command,
        Duration hello,
        Duration orphanLimit,
        CgroupLimits limits,
        Path cgroupRoot,
        Path procRoot) {
    public MoverSettings {
        stateDir = stateDir.toAbsolutePath();
        runDir = runDir.toAbsolutePath();
        command = List.copyOf(command);
    }

    /** As a fresh installation runs them. */
    public static MoverSettings of(Path stateDir, Path runDir, List<String> command) {
        return new MoverSettings(
                stateDir,
                runDir,
                command,
                Duration.ofSeconds(60),
                Duration.ofHours(24),
                CgroupLimits.NONE,
                Path.of("/sys/fs/cgroup"),
                Path.of("/proc"));
    }
}
