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
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A plugin's process and all that it has forked. They are known by a mark in their environment, which a child inherits
 * even if it leaves its parent and its session. The mark names the agent, so that the next one finds what a killed one
 * has left.
 */
final class Offspring {
    private static final String VARIABLE = "HOLDFAST_PLUGIN_MARK";
    private static final Path PROC = Path.of("/proc");
    private static final int START_TICKS = 19; // of those behind the name
    private static final int LOOKS_MAX = 10;

    private final String mark;

    private Offspring(String mark) {
        this.mark = mark;
    }

    /** For one plugin that this process starts. */
    static Offspring ofThisProcess() {
        return new Offspring(agent() + "/" + UUID.randomUUID());
    }

    /** Kills what agents have left that were killed themselves. */
    static void endOrphans() {
        String own = agent();
        String namespace = own.substring(0, own.indexOf('/') + 1);
        // Process ids mean nothing outside of their namespace: agents of other containers are not judged.
        kill(mark -> mark.startsWith(namespace) && gone(mark.substring(namespace.length())));
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
        kill(mark::equals);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks again until nobody is left: what forks between look and kill would go unseen. */
    private static void kill(Predicate<String> wanted) {
        for (int look = 0; look < LOOKS_MAX; look++) {
            List<ProcessHandle> marked = marked(wanted);
            if (marked.isEmpty()) {
                return;
            }
            marked.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static List<ProcessHandle> marked(Predicate<String> wanted) {
        List<ProcessHandle> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path directory : processes) {
                // Taken before its environment is read: a handle is of one process, whoever has its number later.
                ProcessHandle.of(Long.parseLong(directory.getFileName().toString()))
                        .filter(_ -> wanted.test(mark(directory)))
                        .ifPresent(found::add);
            }
        } catch (IOException e) {
            return found; // Without /proc nothing more can be known.
        }
        return found;
    }

    /** Empty without one. */
    private static String mark(Path process) {
        String prefix = VARIABLE + "=";
        for (String variable : read(process.resolve("environ")).split("\0")) {
            if (variable.startsWith(prefix)) {
                return variable.substring(prefix.length());
            }
        }
        return "";
    }

    /** This process: {@code <pid namespace>/<pid>/<start ticks>}. */
    private static String agent() {
        long pid = ProcessHandle.current().pid();
        return namespace() + "/" + pid + "/" + startTicks(pid);
    }

    private static String namespace() {
        try {
            return Files.readSymbolicLink(PROC.resolve("self/ns/pid")).toString();
        } catch (IOException e) {
            return "?";
        }
    }

    /** @param who {@code <pid>/<start ticks>/…} */
    private static boolean gone(String who) {
        String[] parts = who.split("/");
        try {
            return parts.length == 3
                    && Long.parseLong(parts[1]) >= 0
                    && startTicks(Long.parseLong(parts[0])) != Long.parseLong(parts[1]);
        } catch (NumberFormatException e) {
            return false; // No mark of ours.
        }
    }

    /** Since boot; -1 if there is no such process, or nothing of it but the entry that its parent has not read. */
    private static long startTicks(long pid) {
        String stat = read(PROC.resolve(Long.toString(pid)).resolve("stat"));
        String[] behindName = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        boolean ended = behindName[0].equals("Z") || behindName.length <= START_TICKS;
        return ended ? -1 : Long.parseLong(behindName[START_TICKS]);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // Gone, or not ours to look into.
        }
    }
}
