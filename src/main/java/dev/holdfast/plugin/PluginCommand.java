package dev.holdfast.plugin;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How one plugin executable is started.
 *
 * @param name for people, and for the request budget
 * @param argv program and arguments
 * @param directory what it runs in
 * @param environment set for it, above the few variables that every child gets
 */
public record PluginCommand(String name, List<String> argv, Path directory, Map<String, String> environment) {
    public PluginCommand {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
    }
}
