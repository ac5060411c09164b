package dev.holdfast.plugin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A plugin's process and all that it has forked. They are known by a mark in their environment, which a child inherits
 * even if it leaves its parent and its session.
 */
final class Offspring {
    private static final String VARIABLE = "HOLDFAST_PLUGIN_MARK";
    private static final Path PROC = Path.of("/proc");

    private final String mark;

    Offspring(String mark) {
        this.mark = mark;
    }

    void mark(Map<String, String> environment) {
        environment.put(VARIABLE, mark);
    }

    /** Kills the process and its descendants, and waits for the process a while. */
    void kill(Process process, Duration patience) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        boolean interrupted = Thread.interrupted();
        try {
            process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        marked().forEach(ProcessHandle::destroyForcibly);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private List<ProcessHandle> marked() {
        List<ProcessHandle> found = new ArrayList<>();
        String wanted = VARIABLE + "=" + mark;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path directory : processes) {
                // Taken before its environment is read: a handle is of one process, whoever has its number later.
                ProcessHandle.of(Long.parseLong(directory.getFileName().toString()))
                        .filter(_ -> environment(directory).contains(wanted))
                        .ifPresent(found::add);
            }
        } catch (IOException e) {
            return found; // Without /proc nothing more can be known.
        }
        return found;
    }

    private static String environment(Path directory) {
        try {
            return Files.readString(directory.resolve("environ"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // Gone, or not ours to look into.
        }
    }
}
