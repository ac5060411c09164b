package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.linux.Reason;
import dev.holdfast.transfer.Disk;
import dev.holdfast.transfer.Transfer;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferPlan;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.TransferResult;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs the engine in the foreground. What must survive a crash is one small file per pair of repository and source,
 * {@code <state>/standalone/<hash>.json}, written before the first byte moves and removed at the end: while it is
 * there, the same command goes on with the same session.
 */
final class Standalone {
    private static final Duration STOP_MAX = Duration.ofSeconds(60);

    /** What was begun with is not there now, and another run may go on. */
    private static final Set<TransferException.Code> AWAY =
            Set.of(TransferException.Code.SOURCE_AWAY, TransferException.Code.TARGET_AWAY);

    /** Makes the plan for one attempt. */
    interface Planner {
        TransferPlan plan(Ticket ticket) throws CliException;
    }

    /** The session that the next run of the same command belongs to. */
    record Ticket(Path file, String sessionId, @Nullable String token) {
        /** Other machines may run the same command with the same repository at the same time. */
        private static Ticket fresh(Path file) {
            String chance = UUID.randomUUID().toString().substring(0, 8);
            String time = Long.toString(System.currentTimeMillis(), 36);
            return new Ticket(file, "s-" + key(file) + "-" + time + "-" + chance, null);
        }

        private static String key(Path file) {
            return file.getFileName().toString().replace(".json", "");
        }

        /** The byte of the lock file that stands for this command. */
        long lockedByte() {
            return Long.parseLong(key(file).substring(0, 15), 16);
        }

        Ticket with(String newToken) {
            return new Ticket(file, sessionId, newToken);
        }
    }

    private final boolean json;
    private final Terminal terminal = Terminal.standard();
    private final ProgressView view;
    private final TransferControl control = new TransferControl();
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean signalled;
    private volatile int exit = ExitCode.FAILED.number();
    private Ticket ticket;

    /** Whether the session is of an earlier run, and whether the engine has taken it up. */
    private boolean found;

    private volatile boolean started;

    /** @param file where {@link #file} says that the session of this command is noted */
    Standalone(Path file, boolean json) {
        this.ticket = Ticket.fresh(file);
        this.json = json;
        this.view = ProgressView.of(terminal, json);
    }

    /** Where the session of a command is noted. */
    static Path file(Path stateDirectory, String kind, String repository, String what) {
        String key = hash(kind + "\0" + repository + "\0" + what).substring(0, 20);
        return stateDirectory.resolve("standalone").resolve(key + ".json");
    }

    int run(Planner planner) throws Exception {
        try (FileChannel channel = lockFile();
                FileLock held = channel.tryLock(ticket.lockedByte(), 1, false)) {
            if (held == null) {
                throw new CliException(
                        ExitCode.REFUSED, "lock " + ticket.file() + ": the same command is running already; wait");
            }
            take();
            return guarded(planner);
        }
    }

    /** One empty file for all commands: each of them locks a byte of its own. */
    private FileChannel lockFile() throws CliException {
        Path file = ticket.file();
        try {
            Files.createDirectories(file.getParent());
            return FileChannel.open(file.resolveSibling("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Finds the unfinished session of this command, or notes the new one; only under the lock. */
    private void take() throws CliException {
        Path file = ticket.file();
        try {
            if (Files.exists(file)) {
                JsonNode known = Json.read(Files.readString(file));
                String id = Json.text(known, "sessionId");
                if (id != null) {
                    ticket = new Ticket(file, id, Json.text(known, "token"));
                    found = true;
                    return;
                }
            }
            save(ticket);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private CliException unwritable(IOException e) {
        return new CliException(
                ExitCode.FAILED,
                "write " + ticket.file() + ": " + Reason.of(e)
                        + "; choose a directory that can be written with --state-dir",
                e);
    }

    private TransferPlan planned(Planner planner) throws CliException, IOException {
        try {
            return planner.plan(ticket);
        } catch (CliException e) {
            forgetIfUnstarted();
            throw e;
        }
    }

    private int guarded(Planner planner) throws Exception {
        TransferPlan plan = planned(planner);
        Thread hook = new Thread(this::onSignal, "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            exit = attempt(plan, planner);
            return exit;
        } catch (TransferException e) {
            exit = HoldfastCli.exitOf(e.code()).number();
            if (!e.code().retryable() && e.code() != TransferException.Code.INTERNAL) {
                // Nothing was sent that a later run could go on from, or it would fail in the same way.
                forgetIfUnstarted();
            }
            throw e;
        } finally {
            view.close();
            done.countDown();
            if (!signalled) {
                try {
                    Runtime.getRuntime().removeShutdownHook(hook);
                } catch (IllegalStateException _) {
                    // The signal came this very moment: the hook finds the latch open.
                }
            }
        }
    }

    /**
     * A repository that refuses the session found may be another one at its place: what is noted is not lost for it.
     */
    private int attempt(TransferPlan plan, Planner planner) throws Exception {
        try {
            return transfer(plan, planner);
        } catch (TransferException e) {
            if (found && AWAY.contains(e.code())) {
                throw new CliException(
                        ExitCode.FAILED, e.getMessage() + "; to begin anew here, remove " + ticket.file(), e);
            }
            if (e.code() != TransferException.Code.TOKEN_REFUSED || !found) {
                throw e;
            }
            throw new CliException(
                    ExitCode.REFUSED,
                    "go on with session " + ticket.sessionId() + ": it is none of the repository that is there now; put"
                            + " the one back that it was begun with, or remove " + ticket.file() + " to begin anew",
                    e);
        }
    }

    private int transfer(TransferPlan plan, Planner planner) throws Exception {
        long begun = System.nanoTime();
        String verb = plan instanceof TransferPlan.Backup ? "backup" : "restore";
        TransferResult result = Transfer.run(plan, control, listener(verb));
        if (found && !started && result instanceof TransferResult.Completed && wanted(plan)) {
            // Only its run did not come to say so: that was then, this run is for now.
            return anew(planner);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        view.close();
        return switch (result) {
            case TransferResult.Completed completed -> {
                forget();
                tell(completed.snapshotId(), completed.progress(), "completed", took);
                yield (completed.progress().warningCount() > 0 ? ExitCode.PARTIAL : ExitCode.OK).number();
            }
            case TransferResult.Canceled canceled -> {
                forget();
                tell(null, canceled.progress(), "canceled", took);
                yield ExitCode.CANCELED.number();
            }
            case TransferResult.Stopped stopped -> {
                tell(null, stopped.progress(), "stopped", took);
                yield ExitCode.STOPPED.number();
            }
        };
    }

    /** Whether to do it once more makes sense: a restore would find what it has restored. */
    private static boolean wanted(TransferPlan plan) throws IOException {
        return switch (plan) {
            case TransferPlan.Backup _ -> true;
            case TransferPlan.Restore restore -> isEmpty(restore.target());
        };
    }

    private static boolean isEmpty(Path target) throws IOException {
        if (!Files.isDirectory(target)) {
            return Files.notExists(target);
        }
        try (Stream<Path> entries = Files.list(target)) {
            return entries.findAny().isEmpty();
        }
    }

    /** The session found is complete: a new one takes its place. */
    private int anew(Planner planner) throws Exception {
        found = false;
        ticket = Ticket.fresh(ticket.file());
        try {
            save(ticket);
        } catch (IOException e) {
            throw unwritable(e);
        }
        return transfer(planned(planner), planner);
    }

    private TransferListener listener(String verb) {
        return new TransferListener() {
            @Override
            public void started(Start start, String token, long epoch) {
                started = true;
                if (!token.equals(ticket.token())) {
                    ticket = ticket.with(token);
                    try {
                        save(ticket);
                    } catch (IOException e) {
                        view.say("cannot remember the session in " + ticket.file() + ": " + Reason.of(e)
                                + "; a later run will start anew");
                    }
                }
                if (start != Start.FRESH && !json) {
                    view.say("goes on with session " + ticket.sessionId() + " (" + start + ", attempt " + epoch + ")");
                }
            }

            @Override
            public void progressed(TransferProgress progress) {
                view.show(verb, ProgressView.Sample.of(progress));
            }

            @Override
            public void warned(String kind, String message) {
                if (json) {
                    terminal.out()
                            .println(Json.line(Json.object()
                                    .put("type", "warning")
                                    .put("kind", kind)
                                    .put("message", message)));
                } else {
                    view.say("warning: " + message);
                }
            }
        };
    }

    private void tell(@Nullable String snapshot, TransferProgress progress, String outcome, Duration took) {
        if (json) {
            ObjectNode node = Json.object()
                    .put("type", "result")
                    .put("outcome", outcome)
                    .put("session", ticket.sessionId())
                    .put("snapshot", snapshot)
                    .put("filesDone", progress.filesDone())
                    .put("bytesDone", progress.bytesDone())
                    .put("bytesSent", progress.bytesSent())
                    .put("bytesSentAgain", progress.bytesSentAgain())
                    .put("bytesReadAgain", progress.bytesReadAgain())
                    .put("warnings", progress.warningCount())
                    .put("millis", took.toMillis());
            terminal.out().println(Json.line(node));
            return;
        }
        String figures = Figures.count(progress.filesDone()) + " entries, " + Figures.bytes(progress.bytesDone())
                + ", sent " + Figures.bytes(progress.bytesSent()) + " in " + Figures.time(took)
                + (progress.warningCount() > 0 ? ", " + Figures.count(progress.warningCount()) + " warnings" : "");
        terminal.out()
                .println(snapshot != null ? "snapshot " + snapshot + ": " + figures : outcome + " after " + figures);
        if (outcome.equals("stopped")) {
            terminal.err().println("everything finished so far is durable; the same command goes on from there");
        }
    }

    private void onSignal() {
        if (done.getCount() == 0) {
            return;
        }
        signalled = true;
        System.err.println("\nstopping: the blocks in flight are made durable first");
        control.stop();
        try {
            if (!done.await(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
                System.err.println("gave up waiting; what was durable before stays so, the same command resumes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(exit);
    }

    private void forgetIfUnstarted() throws IOException {
        if (ticket.token() == null) {
            forget();
        }
    }

    /** Also after a loss of power it is gone. */
    private void forget() throws IOException {
        if (Files.deleteIfExists(ticket.file())) {
            Disk.syncFolder(Objects.requireNonNull(ticket.file().getParent()));
        }
    }

    private static void save(Ticket ticket) throws IOException {
        Path aside = ticket.file().resolveSibling(ticket.file().getFileName() + ".new");
        String text =
                Json.pretty(Json.object().put("sessionId", ticket.sessionId()).put("token", ticket.token()));
        try (FileChannel channel = FileChannel.open(
                aside, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(java.nio.ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        Files.move(aside, ticket.file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
