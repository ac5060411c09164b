package dev.holdfast.backup;

import dev.holdfast.kube.Door;
import dev.holdfast.kube.Kube;
import dev.holdfast.kube.KubeException;
import dev.holdfast.linux.Reason;
import dev.holdfast.plugin.PluginCommand;
import dev.holdfast.plugin.PluginDirectory;
import dev.holdfast.plugin.PluginLimits;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The built-in plugins, which share the agent's budget over its socket, and the executables of a directory, which are
 * led through the local gate: both without a request of their own for what the agent knows already.
 */
public final class NodePlugins implements PluginSupply {
    private static final String BUILT_IN = "holdfast";
    private static final Path NEUTRAL = Path.of("/");

    private final Kube kube;
    private final List<String> program;
    private final Optional<Path> directory;
    private final PluginLimits limits;
    private final Path sockets;

    /**
     * Opens nothing yet.
     *
     * @param program how this program is started, without the word {@code plugin}
     * @param sockets folder for the sockets of plugins
     */
    public NodePlugins(Kube kube, List<String> program, Optional<Path> directory, PluginLimits limits, Path sockets) {
        this.kube = kube;
        this.program = List.copyOf(program);
        this.directory = directory;
        this.limits = limits;
        this.sockets = sockets;
    }

    @Override
    public Path sockets() {
        return sockets;
    }

    @Override
    public PluginLimits limits() {
        return limits;
    }

    @Override
    public Opened open() {
        List<PluginCommand> commands = new ArrayList<>();
        List<String> troubles = new ArrayList<>();
        List<Door> doors = new ArrayList<>();
        List<String> argv = new ArrayList<>(program);
        argv.add("plugin");
        commands.add(new PluginCommand(BUILT_IN, argv, NEUTRAL, kube.childEnvironment(Kube.PLUGIN + BUILT_IN)));
        for (Path executable : executables(troubles)) {
            String name = executable.getFileName().toString();
            try {
                Door door = kube.openDoor(Kube.PLUGIN + name);
                doors.add(door);
                List<String> words = new ArrayList<>(List.of(executable.toString()));
                words.addAll(door.arguments());
                Path folder = executable.getParent();
                commands.add(new PluginCommand(name, words, folder == null ? NEUTRAL : folder, door.environment()));
            } catch (KubeException | UncheckedIOException e) {
                troubles.add("plugin " + name + ": no way to the API server: " + e.getMessage());
            }
        }
        return new Opened() {
            @Override
            public List<PluginCommand> commands() {
                return List.copyOf(commands);
            }

            @Override
            public List<String> troubles() {
                return List.copyOf(troubles);
            }

            @Override
            public void close() {
                doors.forEach(Door::close);
            }
        };
    }

    private List<Path> executables(List<String> troubles) {
        if (directory.isEmpty()) {
            return List.of();
        }
        return PluginDirectory.executables(
                directory.get(), (place, e) -> troubles.add("read the plugins in " + place + ": " + Reason.of(e)));
    }
}
