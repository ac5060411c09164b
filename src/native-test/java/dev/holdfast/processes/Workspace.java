package dev.holdfast.processes;

import dev.holdfast.testing.SmallDisk;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.Repository;
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
 * the folder is on their command line; then it unmounts its disks and removes the folder.
 */
public final class Workspace implements AutoCloseable {
    private static final Duration USUAL_START = Duration.ofSeconds(3);

    private final Path root;
    private final List<Process> agents = new CopyOnWriteArrayList<>();
    private final List<SmallDisk> disks = new CopyOnWriteArrayList<>();
    private final Thread interrupted = new Thread(this::end);
    private Duration slowestStart = Duration.ZERO;
    private int logs;

    /** A repository and the file with its key. */
    record RepositoryFiles(Path directory, Path key) {
        Repository open() throws TransferException {
            return Repository.open(directory, key);
        }
    }

    public Workspace() {
        try {
            root = Files.createTempDirectory("holdfast-it-").toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // For a build that is interrupted: nothing may be left.
        Runtime.getRuntime().addShutdownHook(interrupted);
    }

    public Path path(String name) {
        return root.resolve(name);
    }

    /** Makes an empty repository. */
    RepositoryFiles repository() throws TransferException {
        RepositoryFiles made = new RepositoryFiles(path("repository"), path("key"));
        Repository.init(made.directory(), made.key()).close();
        return made;
    }

    /** Mounts a small disk, which outlives the processes that see it. Skips the test where that is not possible. */
    SmallDisk disk(String name, long bytes) throws IOException {
        SmallDisk disk = SmallDisk.mount(path(name), bytes);
        disks.add(disk);
        return disk;
    }

    /** Remembers how long an agent needed to become ready. */
    void started(Duration ready) {
        slowestStart = slowestStart.compareTo(ready) < 0 ? ready : slowestStart;
    }

    /** The longest that an agent of this test needed to become ready: how fast this machine is at the moment. */
    Duration slowestStart() {
        return slowestStart;
    }

    /** How long to wait for what should take {@code usually} at most: longer where agents start more slowly. */
    Duration patience(Duration usually) {
        Duration scaled = Duration.ofMillis(usually.toMillis() * slowestStart.toMillis() / USUAL_START.toMillis());
        return scaled.compareTo(usually) < 0 ? usually : scaled;
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
        try {
            endProcesses();
        } finally {
            remove();
        }
        Runtime.getRuntime().removeShutdownHook(interrupted);
    }

    /** The same for a build that is interrupted: there is nobody left to tell what went wrong. */
    private void end() {
        try {
            endProcesses();
            remove();
        } catch (IOException | UncheckedIOException | AssertionError e) {
            System.err.println("left behind: " + root + ": " + e);
        }
    }

    private void remove() throws IOException {
        for (SmallDisk disk : disks) {
            disk.close();
        }
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** Agents first: one that lives may start another mover. */
    private void endProcesses() {
        agents.forEach(Process::destroyForcibly);
        agents.forEach(agent -> awaitGone(agent.pid(), Duration.ofSeconds(10)));
        for (ProcessHandle mover : movers()) {
            mover.destroyForcibly();
            awaitGone(mover.pid(), Duration.ofSeconds(10));
        }
    }
}
