package dev.holdfast.cli.demo;

import dev.holdfast.cli.CliException;
import dev.holdfast.cli.ExitCode;
import dev.holdfast.linux.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The demo's own folder. Removing it, at the end or by a shutdown hook on Ctrl-C, first ends every process that was
 * started for it: the agents it was told of, and movers, which carry the folder's name on their command line.
 */
final class DemoFolder {
    private final Path path;
    private final Set<Process> agents = ConcurrentHashMap.newKeySet();
    private final Set<Path> cgroups = ConcurrentHashMap.newKeySet();
    private final Thread hook = new Thread(this::removeOnSignal, "remove");

    private DemoFolder(Path path) {
        this.path = path;
    }

    static DemoFolder make(Path parent) throws CliException {
        try {
            DemoFolder folder = new DemoFolder(
                    Files.createTempDirectory(parent, "holdfast-demo-").toRealPath());
            Runtime.getRuntime().addShutdownHook(folder.hook);
            return folder;
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.FAILED,
                    "make a folder in " + parent + ": " + Reason.of(e) + "; choose another with --folder",
                    e);
        }
    }

    Path path() {
        return path;
    }

    /** Is ended with the folder. */
    void own(Process agent) {
        agents.add(agent);
    }

    /** Is removed, empty, with the folder. */
    void ownCgroup(@Nullable String leaf) {
        if (leaf != null && leaf.startsWith("/sys/fs/cgroup/")) {
            cgroups.add(Path.of(leaf));
        }
    }

    /** Ends the processes and deletes everything. Does not return after Ctrl-C: what failed by it is not to be told. */
    void remove() throws InterruptedException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            new CountDownLatch(1).await(); // until the hook has removed it and the process ends
        }
        removeAll();
    }

    private void removeOnSignal() {
        System.err.println("\nending the demo: stopping its processes, deleting " + path);
        removeAll();
    }

    private void removeAll() {
        agents.forEach(Process::destroyForcibly);
        for (int round = 0; round < 3; round++) {
            List<ProcessHandle> movers = movers();
            movers.forEach(ProcessHandle::destroyForcibly);
            movers.forEach(DemoFolder::awaitEnd);
        }
        cgroups.forEach(DemoFolder::deleteQuietly);
        delete(path);
    }

    /** Movers whose command line names a folder in this one. */
    List<ProcessHandle> movers() {
        List<ProcessHandle> found = new ArrayList<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.toList()) {
                String name = String.valueOf(process.getFileName());
                if (name.chars().allMatch(Character::isDigit) && isOurs(commandLine(process))) {
                    Optional<ProcessHandle> handle = ProcessHandle.of(Long.parseLong(name));
                    handle.filter(ProcessHandle::isAlive)
                            .filter(known ->
                                    known.pid() != ProcessHandle.current().pid())
                            .ifPresent(found::add);
                }
            }
        } catch (IOException | UncheckedIOException _) {
            // A process that ends while it is looked at is no process of ours to end.
        }
        return found;
    }

    private boolean isOurs(String commandLine) {
        return commandLine.contains("\0mover\0" + path + "/");
    }

    private static String commandLine(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static void awaitEnd(ProcessHandle process) {
        try {
            process.onExit().get(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException _) {
            // The next round looks again.
        }
    }

    /** Deletes a tree, also where directories in it may not be written. */
    static void delete(Path tree) {
        try {
            Files.walkFileTree(tree, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                        throws IOException {
                    if (!Files.isWritable(directory)) {
                        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    deleteQuietly(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    deleteQuietly(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
                    deleteQuietly(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            System.err.println("could not delete all of " + tree + ": " + e);
        }
        if (Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            System.err.println("could not delete all of " + tree + ": delete it by hand");
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // Said once, at the end, for the whole folder.
        }
    }
}
