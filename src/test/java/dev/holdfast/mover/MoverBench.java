package dev.holdfast.mover;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.mover.protocol.ProcessCalls;
import dev.holdfast.session.MoverHandle;
import dev.holdfast.session.Movers.LaunchOrder;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRequest;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A state directory, a stage for scripted movers, and orders to launch them. Kills what is left when closed. */
final class MoverBench implements AutoCloseable {
    private static final int SIGSTOP = 19;
    static final Duration LONG = Duration.ofSeconds(60);
    static final SessionId SESSION = new SessionId("s-1");
    static final String NONCE = "a-nonce-of-the-test";

    final Path root;
    final Path stage;

    MoverBench(Path root) throws IOException {
        this.root = root;
        this.stage = Files.createDirectories(root.resolve("stage"));
    }

    MoverSettings settings() {
        return settings(scripted(), Duration.ofHours(1));
    }

    MoverSettings settings(List<String> command, Duration orphanLimit) {
        return new MoverSettings(
                root.resolve("state"),
                root.resolve("run"),
                command,
                LONG,
                orphanLimit,
                CgroupLimits.NONE,
                root, // never a cgroup hierarchy
                Path.of("/proc"));
    }

    LaunchOrder order(String part, int generation) {
        return new LaunchOrder(
                SESSION,
                generation,
                NONCE,
                new SessionRequest.Backup(root.resolve("repo"), root.resolve("key"), 1, 0, stage, part),
                null,
                1);
    }

    Path directory() {
        return root.resolve("state/movers/" + SESSION);
    }

    /** Argv before {@code mover <dir>} of a mover with a scripted transfer. */
    static List<String> scripted() {
        return List.of(
                java(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(),
                "dev.holdfast.mover.worker.ScriptedWorker");
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static String classPath() {
        Set<String> entries = new LinkedHashSet<>();
        for (Class<?> type : List.of(
                MoverBench.class, ProcessMovers.class, JsonMapper.class, JsonFactory.class, JsonProperty.class)) {
            try {
                entries.add(Path.of(type.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toString());
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            }
        }
        return String.join(":", entries);
    }

    static void signal(MoverHandle mover, int signal) throws IOException {
        ProcessCalls calls = ProcessCalls.system();
        int pidfd = calls.pidfdOpen(mover.pid());
        calls.signal(pidfd, signal);
        calls.close(pidfd);
    }

    /**
     * Stops it with SIGSTOP; returns when none of its threads runs any more, which takes a moment on a busy machine.
     */
    static void stop(MoverHandle mover) throws IOException {
        signal(mover, SIGSTOP);
        until(() -> threads(mover).stream().allMatch(stat -> stat.contains(") T ")));
    }

    private static List<String> threads(MoverHandle mover) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(mover.pid()), "task"))) {
            List<String> all = new ArrayList<>();
            for (Path task : tasks.toList()) {
                all.add(Files.readString(task.resolve("stat")));
            }
            return all;
        } catch (IOException e) {
            return List.of("a thread ended meanwhile: look again");
        }
    }

    static boolean alive(MoverHandle mover) {
        return ProcessHandle.of(mover.pid()).filter(ProcessHandle::isAlive).isPresent();
    }

    /** Looks again and again until it is so. */
    static void until(BooleanSupplier so) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!so.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not come about within " + LONG);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** The processes that were started for this bench and live. */
    List<ProcessHandle> processes() {
        try (var all = ProcessHandle.allProcesses()) {
            return all.filter(ProcessHandle::isAlive)
                    .filter(process ->
                            commandLine(process.pid()).contains(directory().toString()))
                    .toList();
        }
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        processes().forEach(ProcessHandle::destroyForcibly);
        until(() -> processes().isEmpty());
    }
}
