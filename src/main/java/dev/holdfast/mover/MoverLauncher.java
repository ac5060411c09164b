package dev.holdfast.mover;

import dev.holdfast.linux.Reason;
import dev.holdfast.mover.protocol.Bootstrap;
import dev.holdfast.mover.protocol.HandleFile;
import dev.holdfast.mover.protocol.ResultFile;
import dev.holdfast.session.Failure;
import dev.holdfast.session.MoverException;
import dev.holdfast.session.MoverHandle;
import dev.holdfast.session.Movers.LaunchOrder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Starts one mover: directory, cgroup, bootstrap, process, handle, hello; and takes it back in reverse order. */
final class MoverLauncher {
    private static final long PACE_MILLIS = 20;
    private static final long ROOM_MIN = 64 << 10;
    private static final Duration HELLO_TRY = Duration.ofSeconds(2);
    private static final Set<String> ENVIRONMENT =
            Set.of("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "JAVA_HOME");
    private static final String OWN_ENVIRONMENT = "HOLDFAST_";

    private final MoverSettings settings;
    private final Cgroup cgroup;

    MoverLauncher(MoverSettings settings, Cgroup cgroup) {
        this.settings = settings;
        this.cgroup = cgroup;
    }

    /** @param client the connection that greeted it; null if it had ended before that with a result, or is silent */
    record Launched(MoverHandle handle, @Nullable ControlClient client) {}

    Launched launch(LaunchOrder order) throws MoverException {
        MoverDirectory directory = new MoverDirectory(settings.stateDir(), order.session());
        boolean existed = directory.exists();
        Process process = null;
        try {
            directory.prepare(order.generation());
            Failpoint.DIRECTORY_MADE.reached();
            Path leaf = cgroup.create(order.session(), order.generation(), settings.limits());
            Failpoint.CGROUP_MADE.reached();
            writeBootstrap(order, directory, leaf);
            Failpoint.BOOTSTRAP_WRITTEN.reached();
            process = start(directory);
            Failpoint.PROCESS_STARTED.reached();
            long deadline = System.nanoTime() + settings.hello().toNanos();
            HandleFile handle = awaitHandle(order, directory, process, deadline);
            Failpoint.HANDLE_WRITTEN.reached();
            Failpoint.BEFORE_HELLO.reached();
            ControlClient client = greet(order, directory, handle, process, deadline);
            return new Launched(Translation.handle(handle, leaf), client);
        } catch (IOException | RuntimeException e) {
            throw undone(order, directory, process, existed, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw undone(order, directory, process, existed, e);
        }
    }

    private void writeBootstrap(LaunchOrder order, MoverDirectory directory, @Nullable Path leaf) throws IOException {
        Path socket = MoverSocket.of(settings.runDir(), order.session());
        MoverDirectory.makePrivate(settings.runDir());
        MoverDirectory.makePrivate(settings.runDir().resolve("movers"));
        new Bootstrap(
                        order.session().value(),
                        order.generation(),
                        order.nonce(),
                        Translation.plan(order),
                        order.token(),
                        settings.orphanLimit(),
                        leaf,
                        socket)
                .write(directory.bootstrap());
    }

    private Process start(MoverDirectory directory) throws IOException {
        List<String> argv = new ArrayList<>(settings.command());
        argv.add("mover");
        argv.add(directory.path().toString());
        ProcessBuilder builder = new ProcessBuilder(argv)
                .directory(new File("/")) // pins no volume
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.log().toFile()))
                .redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(name -> !ENVIRONMENT.contains(name) && !name.startsWith(OWN_ENVIRONMENT));
        return builder.start();
    }

    private HandleFile awaitHandle(LaunchOrder order, MoverDirectory directory, Process process, long deadline)
            throws IOException, InterruptedException {
        while (true) {
            boolean over = process.waitFor(PACE_MILLIS, TimeUnit.MILLISECONDS);
            Optional<HandleFile> handle = HandleFile.read(directory.path(), order.generation());
            if (handle.isPresent()) {
                return handle.get();
            }
            if (over) {
                throw new IOException("it ended with exit code " + process.exitValue());
            }
            if (System.nanoTime() > deadline) {
                throw new IOException("it did not say who it is within " + settings.hello());
            }
        }
    }

    private @Nullable ControlClient greet(
            LaunchOrder order, MoverDirectory directory, HandleFile handle, Process process, long deadline)
            throws IOException, InterruptedException {
        ControlClient.Peer peer =
                new ControlClient.Peer(order.session().value(), order.generation(), order.nonce(), handle.socket());
        while (true) {
            boolean over = !process.isAlive();
            if (ResultFile.read(directory.path(), order.generation()).isPresent()) {
                return null;
            }
            if (over && process.pid() == handle.pid()) {
                throw new IOException("it ended with exit code " + process.exitValue());
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return null; // It lives and has said who it is: it is looked after like any mover that is silent.
            }
            try {
                return ControlClient.connect(peer, left < HELLO_TRY.toNanos() ? Duration.ofNanos(left) : HELLO_TRY);
            } catch (IOException e) {
                process.waitFor(PACE_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    private MoverException undone(
            LaunchOrder order, MoverDirectory directory, @Nullable Process process, boolean existed, Exception why) {
        String words = directory.lastWords();
        boolean starved = directory.outOfMemory(order.generation());
        try {
            if (process != null) {
                end(process);
            }
            starved |= cgroup.outOfMemory(order.session(), order.generation());
            cgroup.remove(order.session());
            if (existed) {
                directory.clear(order.generation());
            } else {
                directory.delete();
            }
            Files.deleteIfExists(MoverSocket.of(settings.runDir(), order.session()));
        } catch (IOException e) {
            why.addSuppressed(e);
        }
        String message = "start mover of session " + order.session() + " with " + settings.command() + ": "
                + (why instanceof IOException io ? Reason.of(io) : why.getMessage())
                + (words.isEmpty() ? "" : "; its log ends: " + words);
        String code = starved ? "MOVER_OUT_OF_MEMORY" : stateFull() ? "STATE_FULL" : "MOVER_NOT_STARTED";
        return new MoverException(new Failure(code, message, true), why);
    }

    /** Without room for bootstrap, handle and log no mover can start. */
    private boolean stateFull() {
        try {
            return Files.getFileStore(settings.stateDir()).getUsableSpace() < ROOM_MIN;
        } catch (IOException e) {
            return false;
        }
    }

    /** A child that has not been collected cannot lose its process id, so this never hits a stranger. */
    private static void end(Process process) {
        boolean interrupted = Thread.interrupted();
        try {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
