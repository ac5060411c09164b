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
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From settings to what each part is built with. */
final class Wiring {
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
        try {
            Path named = Path.of(command.getFirst());
            MoverProgram program = new MoverProgram(directories.state(), PROC);
            return List.of(
                    program.install(PROC.resolve("self/exe"), named, version).toString());
        } catch (IOException e) {
            throw new StartRefused(String.valueOf(e.getMessage()), AgentMain.STATE_REFUSED);
        }
    }

    /** What each source of settings says about the request budget; what a higher one hides does not matter. */
    static Map<BudgetSource, BudgetSettings.Layer> budget(SmallRyeConfig config) {
        Map<BudgetSource, BudgetSettings.Layer> layers = new EnumMap<>(BudgetSource.class);
        ConfigValue qps = config.getConfigValue("holdfast.kube.qps");
        ConfigValue burst = config.getConfigValue("holdfast.kube.burst");
        for (BudgetSource source : BudgetSource.values()) {
            layers.put(source, new BudgetSettings.Layer(number(qps, source), number(burst, source)));
        }
        return layers;
    }

    private static @Nullable Double number(ConfigValue value, BudgetSource source) {
        @Nullable String text = value.getValue();
        return text == null || source(value.getConfigSourceOrdinal()) != source ? null : Double.valueOf(text);
    }

    private static BudgetSource source(int ordinal) {
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
