package dev.holdfast.backup;

import dev.holdfast.plugin.PluginCommand;
import dev.holdfast.plugin.PluginLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Plugin processes for tests, from the test's own class path. */
public final class TestPlugins {
    private static final Path NEUTRAL = Path.of("/");

    private TestPlugins() {}

    /** What {@code holdfast plugin} runs, without a cluster. */
    static PluginCommand builtIn() {
        return new PluginCommand("holdfast", java("dev.holdfast.plugin.builtin.PluginMain"), NEUTRAL, Map.of());
    }

    static PluginCommand scripted(String... behaviour) {
        List<String> argv = new ArrayList<>(java("dev.holdfast.plugin.ScriptedPlugin"));
        argv.addAll(List.of(behaviour));
        return new PluginCommand(behaviour[0], argv, NEUTRAL, Map.of());
    }

    /** Starts these, with sockets in that folder. */
    static PluginSupply supply(List<PluginCommand> commands, Path sockets) {
        return new PluginSupply() {
            @Override
            public PluginLimits limits() {
                return new PluginLimits(Duration.ofMinutes(4), Duration.ofMinutes(2), 3, Duration.ofMinutes(10));
            }

            @Override
            public Path sockets() {
                return sockets;
            }

            @Override
            public Opened open() {
                return opened(commands);
            }
        };
    }

    private static PluginSupply.Opened opened(List<PluginCommand> commands) {
        return new PluginSupply.Opened() {
            @Override
            public List<PluginCommand> commands() {
                return List.copyOf(commands);
            }

            @Override
            public List<String> troubles() {
                return List.of();
            }

            @Override
            public void close() {}
        };
    }

    /** How a program of the test's class path is started. */
    public static List<String> java(String... program) {
        List<String> argv = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")));
        argv.addAll(List.of(program));
        return argv;
    }
}
