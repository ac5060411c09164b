package dev.holdfast.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * A folder for one test. Closing it ends every process that was started for it: agents by their handle, movers because
 * the folder is on their command line.
 */
public final class Workspace implements AutoCloseable {
    private final Path root;
    private final List<Process> agents = new CopyOnWriteArrayList<>();
    private int logs;

    public Workspace() {
        // For a build that is interrupted: nothing may be left running.
        Runtime.getRuntime().addShutdownHook(new Thread(this::endProcesses));
        try {
            root = Files.createTempDirectory("holdfast-it-").toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path path(String name) {
        return root.resolve(name);
    }

    Path freshLog() {
        return root.resolve("agent-" + ++logs + ".log");
    }

    void own(Process agent) {
        agents.add(agent);
    }

    /** Makes files of incompressible bytes, so that what the repository holds can be counted. Returns their sum. */
    long makeTree(String name, long seed, int files, int bytesMax) {
        Random random = new Random(seed);
        long sum = 0;
        try {
            for (int i = 0; i < files; i++) {
                Path directory = path(name).resolve("d" + i % 7).resolve("e" + i % 3);
                Files.createDirectories(directory);
                byte[] bytes = new byte[1 + random.nextInt(bytesMax)];
                random.nextBytes(bytes);
                Path file = Files.write(directory.resolve("f" + i), bytes);
                Files.setLastModifiedTime(file, FileTime.fromMillis(1_600_000_000_000L + i * 1237L));
                sum += bytes.length;
            }
            Files.createSymbolicLink(path(name).resolve("link"), Path.of("d0/e0/f0"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sum;
    }

    /** Every entry of a tree with its mode, time and content, as one text per entry. */
    static SortedMap<String, String> describe(Path tree) {
        TreeMap<String, String> entries = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.toList()) {
                TreeMap<String, Object> facts = new TreeMap<>(Files.readAttributes(
                        path, "unix:mode,uid,gid,lastModifiedTime", java.nio.file.LinkOption.NOFOLLOW_LINKS));
                String content = Files.isSymbolicLink(path)
                        ? Files.readSymbolicLink(path).toString()
                        : Files.isRegularFile(path) ? digest(path) : "";
                entries.put(tree.relativize(path).toString(), facts + content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    private static String digest(Path file) throws IOException {
        try {
            byte[] hash = java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return java.util.HexFormat.of().formatHex(hash);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Bytes of all files below a directory of the workspace. */
    long bytesIn(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(Files::isRegularFile)
                    .mapToLong(path -> path.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A process that has ended but was not waited for yet counts as gone. */
    static boolean alive(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
        } catch (IOException e) {
            return false;
        }
    }

    static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        awaitGone(pid, Duration.ofSeconds(10));
    }

    static void terminate(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
    }

    static void awaitGone(long pid, Duration within) {
        Waiting.until("process " + pid + " gone", within, () -> !alive(pid));
    }

    /** Processes whose command line names a file in this workspace. */
    List<ProcessHandle> movers() {
        List<ProcessHandle> found = new ArrayList<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.toList()) {
                String name = process.getFileName().toString();
                if (name.chars().allMatch(Character::isDigit)
                        && commandLine(process).contains(root + "/")) {
                    Optional<ProcessHandle> handle = ProcessHandle.of(Long.parseLong(name));
                    handle.filter(known -> alive(known.pid())).ifPresent(found::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static String commandLine(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() throws IOException {
        endProcesses();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private void endProcesses() {
        agents.forEach(Process::destroyForcibly);
        for (ProcessHandle mover : movers()) {
            mover.destroyForcibly();
            awaitGone(mover.pid(), Duration.ofSeconds(10));
        }
    }
}
