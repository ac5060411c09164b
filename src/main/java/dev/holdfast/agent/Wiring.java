package dev.holdfast.agent;

import dev.holdfast.cli.ThisProgram;
import dev.holdfast.config.MoverConfig;
import dev.holdfast.config.SessionConfig;
import dev.holdfast.config.Settings;
import dev.holdfast.mover.CgroupLimits;
import dev.holdfast.mover.MoverSettings;
import dev.holdfast.session.SessionSettings;
import io.quarkus.runtime.configuration.MemorySize;
import java.nio.file.Path;

/** From settings to what each part is built with. */
final class Wiring {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Path PROC = Path.of("/proc");

    private Wiring() {}

    static MoverSettings movers(MoverConfig config, Directories directories) {
        return new MoverSettings(
                directories.state(),
                directories.run(),
                config.command().orElseGet(ThisProgram::command),
                config.helloTimeout(),
                config.orphanLimit(),
                new CgroupLimits(
                        config.memoryMax().map(MemorySize::asLongValue).orElse(0L),
                        config.cpuMax().orElse(0.0)),
                CGROUPS,
                PROC);
    }

    static SessionSettings sessions(Settings settings) {
        SessionConfig config = settings.session();
        return new SessionSettings(
                new SessionSettings.Retry(config.attemptsMax(), config.retryFirst(), config.retryMax()),
                config.concurrentMax(),
                settings.mover().workers(),
                config.deadline().orElse(null),
                SessionSettings.Timing.DEFAULT.withStallLimit(settings.mover().stallLimit()));
    }
}
