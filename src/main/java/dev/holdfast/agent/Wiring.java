package dev.holdfast.agent;

import dev.holdfast.cli.ThisProgram;
import dev.holdfast.config.MoverConfig;
import dev.holdfast.config.SessionConfig;
import dev.holdfast.config.Settings;
import dev.holdfast.kube.BudgetSettings;
import dev.holdfast.kube.BudgetSource;
import dev.holdfast.mover.CgroupLimits;
import dev.holdfast.mover.MoverProgram;
import dev.holdfast.mover.MoverSettings;
import dev.holdfast.session.SessionSettings;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.SmallRyeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** From settings to what each part is built with. */
final class Wiring {
    private static final Logger LOG = Logger.getLogger(Wiring.class);
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Path PROC = Path.of("/proc");
    /** Ordinals of Quarkus' sources: system properties, and the environment with its file. */
    private static final int COMMAND_LINE = 400;

    private static final int ENVIRONMENT = 295;

    /** As much memory as the native executable takes. */
    private static final List<String> MOVER_JVM_FLAGS =
            List.of("-Xmx128m", "-XX:MaxDirectMemorySize=64m", "-XX:+UseSerialGC");

    private Wiring() {}

    static MoverSettings movers(MoverConfig config, Directories directories, List<String> command) {
        return new MoverSettings(
                directories.state(),
                directories.run(),
                command,
                config.helloTimeout(),
                config.orphanLimit(),
                new CgroupLimits(
                        config.memoryMax().map(MemorySize::asLongValue).orElse(0L),
                        config.cpuMax().orElse(0.0)),
                CGROUPS,
                PROC);
    }

    /**
     * What movers are started with. The native executable may have come in a container that ends with the agent; a JVM
     * and its jars are taken for a part of the machine, and so is what a person chose.
     */
    static List<String> moverCommand(MoverConfig config, Directories directories, String version) {
        List<String> command = config.command().orElseGet(() -> ThisProgram.command(MOVER_JVM_FLAGS));
        if (config.command().isPresent() || !ThisProgram.isNative()) {
            return command;
        }
        Path named = Path.of(command.getFirst());
        try {
            MoverProgram program = new MoverProgram(directories.state(), PROC);
            return List.of(
                    program.install(PROC.resolve("self/exe"), named, version).toString());
        } catch (IOException e) {
            if (!Files.isExecutable(named)) {
                throw new StartRefused(String.valueOf(e.getMessage()), AgentMain.STATE_REFUSED);
            }
            // Movers that are at work need their agent more than those to come need a place of their own.
            LOG.errorf(
                    "%s; until the next start movers run from %s, which goes with its container",
                    e.getMessage(), named);
            return command;
        }
    }

    /** What each source of settings says about the request budget; of one that is hidden nonsense does not matter. */
    static Map<BudgetSource, BudgetSettings.Layer> budget(SmallRyeConfig config) {
        Map<BudgetSource, BudgetSettings.Layer> layers = new EnumMap<>(BudgetSource.class);
        for (BudgetSource source : BudgetSource.values()) {
            layers.put(
                    source,
                    new BudgetSettings.Layer(
                            number(config, "holdfast.kube.qps", source),
                            number(config, "holdfast.kube.burst", source)));
        }
        return layers;
    }

    private static @Nullable Double number(SmallRyeConfig config, String name, BudgetSource source) {
        ConfigValue inForce = config.getConfigValue(name);
        for (ConfigSource from : config.getConfigSources()) { // The highest first.
            boolean expanded = from.getName().equals(inForce.getConfigSourceName());
            @Nullable String text = expanded ? inForce.getValue() : from.getValue(name);
            if (source(from) == source && text != null) {
                try {
                    return Double.valueOf(text);
                } catch (NumberFormatException e) {
                    return null;
                }
            }
        }
        return null;
    }

    /** A file that a variable names has the variable's ordinal, and is a file all the same. */
    private static BudgetSource source(ConfigSource from) {
        int ordinal = from.getName().startsWith("PropertiesConfigSource")
                ? Math.min(from.getOrdinal(), ENVIRONMENT - 1)
                : from.getOrdinal();
        return ordinal >= COMMAND_LINE
                ? BudgetSource.COMMAND_LINE
                : ordinal >= ENVIRONMENT
                        ? BudgetSource.ENVIRONMENT
                        : ordinal > 0 ? BudgetSource.CONFIG_FILE : BudgetSource.BUILT_IN;
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
