package dev.holdfast.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where plugin executables lie: every executable file at or below a directory, hidden ones apart, as with Velero. */
public final class PluginDirectory {
    private static final int DEPTH_MAX = 8;

    private PluginDirectory() {}

    /** Sorted by path; empty if there is no such directory. */
    public static List<Path> executables(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(directory, DEPTH_MAX)) {
            return files.filter(file -> !hidden(directory.relativize(file)))
                    .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                    .sorted()
                    .toList();
        }
    }

    private static boolean hidden(Path below) {
        for (Path part : below) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }
}
