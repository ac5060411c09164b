package dev.holdfast.mover;

import dev.holdfast.linux.Reason;
import dev.holdfast.mover.protocol.HandleFile;
import dev.holdfast.mover.protocol.MalformedException;
import dev.holdfast.mover.protocol.ProcessCalls;
import dev.holdfast.mover.protocol.ProcessTable;
import dev.holdfast.mover.protocol.ProgressFile;
import dev.holdfast.mover.protocol.Reply;
import dev.holdfast.mover.protocol.Request;
import dev.holdfast.mover.protocol.ResultFile;
import dev.holdfast.mover.protocol.Status;
import dev.holdfast.session.Failure;
import dev.holdfast.session.MoverException;
import dev.holdfast.session.MoverHandle;
import dev.holdfast.session.MoverStatus;
import dev.holdfast.session.Movers;
import dev.holdfast.session.SessionId;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Movers as processes of this host. Holds one connection per mover, which is what tells a mover that it has an agent;
 * closing this object, or dying, makes orphans of them and nothing else.
 */
public final class ProcessMovers implements Movers, Closeable {
    private static final System.Logger LOG = System.getLogger(ProcessMovers.class.getName());

    /** For a mover that has once been there; examined again later if it does not answer. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);

    private final MoverSettings settings;
    private final ProcessTable table;
    private final Cgroup cgroup;
    private final MoverLauncher launcher;
    private final Connections connections = new Connections();
    private final ExitWatcher exits;
    private final Fence fence;
    /** The mover that last failed to get into its leaf; null once another one gets in. */
    private volatile @Nullable Path shutOut;

    public ProcessMovers(MoverSettings settings) {
        this(settings, ProcessCalls.system(), Cgroup.detect(settings.cgroupRoot()));
    }

    ProcessMovers(MoverSettings settings, ProcessCalls calls, Cgroup cgroup) {
        this.settings = settings;
        this.table = new ProcessTable(settings.procRoot());
        this.cgroup = cgroup;
        this.launcher = new MoverLauncher(settings, cgroup);
        this.exits = new ExitWatcher(calls);
        this.fence = new Fence(calls, table, cgroup);
    }

    /** Why movers have no cgroups of their own; empty if they have. Known for sure once one was launched. */
    public Optional<String> cgroupUnavailable() {
        Path log = shutOut;
        return log == null
                ? cgroup.unavailable()
                : Optional.of("a mover did not get into the cgroup made for it, " + log + " says why; in a container it"
                        + " needs privileged, or DAC_OVERRIDE, SYS_ADMIN, SYS_PTRACE and the host's process ids");
    }

    @Override
    public MoverHandle launch(LaunchOrder order) throws MoverException {
        MoverHandle earlier;
        try {
            earlier = launchedBefore(order);
        } catch (IOException e) {
            String message = "look for an earlier mover of session " + order.session() + ": " + Reason.of(e);
            throw new MoverException(new Failure("MOVER_NOT_STARTED", message, true), e);
        }
        if (earlier != null) {
            return earlier;
        }
        MoverLauncher.Launched launched = launcher.launch(order);
        if (cgroup.unavailable().isEmpty()) {
            shutOut = launched.handle().cgroup() == null
                    ? directory(order.session()).log()
                    : null;
        }
        if (launched.client() != null) {
            connections.hold(order.session(), launched.handle(), launched.client());
        }
        return launched.handle();
    }

    /** The mover of the same order, launched before a crash of the agent, even if it has ended with a result. */
    private @Nullable MoverHandle launchedBefore(LaunchOrder order) throws IOException {
        Finding found = look(order.session(), order.generation(), order.nonce(), null, ANSWER_WITHIN);
        return switch (found) {
            case Finding.Alive alive -> alive.mover();
            case Finding.Silent silent -> silent.mover();
            case Finding.Finished _ -> find(order.session(), order.generation(), order.nonce());
            case Finding.Gone _, Finding.Foreign _ -> null;
            case Finding.Unknown(String why) -> throw new IOException(why);
        };
    }

    @Override
    public Finding examine(
            SessionId session, int generation, String nonce, @Nullable MoverHandle known, Duration budget) {
        try {
            return look(session, generation, nonce, known, budget);
        } catch (IOException e) {
            return new Finding.Unknown(e.toString());
        }
    }

    private Finding look(SessionId session, int generation, String nonce, @Nullable MoverHandle known, Duration budget)
            throws IOException {
        Path directory = directory(session).path();
        Optional<Finding> finished = finished(directory, generation);
        if (finished.isPresent()) {
            return finished.get();
        }
        MoverHandle mover = known != null ? known : find(session, generation, nonce);
        if (mover == null || !mover.bootId().equals(table.bootId())) {
            return gone(session, generation);
        }
        Finding.@Nullable Foreign foreign = foreign(mover, directory);
        if (foreign == null && running(mover) != null) {
            MoverStatus last = lastKnown(directory, generation);
            if (last != null && mover.cgroup() != null && cgroup.frozen(mover.cgroup())) {
                return new Finding.Alive(mover, last, true);
            }
            Reply reply = connections.ask(session, mover, new Request.Query(), budget);
            if (reply != null && reply.status() != null && !reply.ended()) {
                return new Finding.Alive(mover, Translation.status(reply.status()), false);
            }
            ProcessTable.@Nullable Entry entry = running(mover);
            Optional<Finding> ended = finished(directory, generation);
            if (entry != null && ended.isEmpty()) {
                return new Finding.Silent(
                        mover, new Life(entry.cpuTicks(), table.busy(mover.pid()), lastKnown(directory, generation)));
            }
        }
        // It may have ended while we looked.
        return finished(directory, generation).orElseGet(() -> foreign != null ? foreign : gone(session, generation));
    }

    /** A result that cannot be understood is none: then the repository says how it ended. */
    private static Optional<Finding> finished(Path directory, int generation) throws IOException {
        try {
            Optional<ResultFile> result = ResultFile.read(directory, generation);
            return result.isPresent()
                    ? Optional.of(new Finding.Finished(Translation.result(result.get())))
                    : Optional.empty();
        } catch (MalformedException e) {
            LOG.log(System.Logger.Level.WARNING, "result of a mover in {0} is passed over: {1}", directory, e);
            return Optional.empty();
        }
    }

    /** Null also closes the generation, so that a mover which is still on its way ends before it begins. */
    private @Nullable MoverHandle find(SessionId session, int generation, String nonce) throws IOException {
        MoverDirectory directory = directory(session);
        if (!directory.exists()) {
            return null;
        }
        Optional<HandleFile> handle = HandleFile.read(directory.path(), generation);
        if (handle.isEmpty()) {
            handle = HandleFile.revoke(directory.path(), generation);
        }
        return handle.filter(found -> found.nonce().equals(nonce))
                .map(found -> Translation.handle(found, cgroup.leaf(session, generation)))
                .orElse(null);
    }

    private ProcessTable.@Nullable Entry running(MoverHandle mover) throws IOException {
        return table.entry(mover.pid())
                .filter(entry -> entry.startTicks() == mover.startTicks() && !entry.zombie())
                .orElse(null);
    }

    private Finding.@Nullable Foreign foreign(MoverHandle mover, Path directory) throws IOException {
        return table.entry(mover.pid())
                .filter(entry -> entry.startTicks() != mover.startTicks())
                .map(entry -> new Finding.Foreign(
                        "process " + mover.pid() + " was started at tick " + entry.startTicks() + ", the mover at tick "
                                + mover.startTicks(),
                        lastKnown(directory, mover.generation())))
                .orElse(null);
    }

    private Finding gone(SessionId session, int generation) {
        MoverDirectory directory = directory(session);
        return new Finding.Gone(
                lastKnown(directory.path(), generation),
                directory.outOfMemory(generation) || cgroup.outOfMemory(session, generation));
    }

    private static @Nullable MoverStatus lastKnown(Path directory, int generation) {
        return ProgressFile.read(directory, generation).map(Translation::status).orElse(null);
    }

    @Override
    public @Nullable MoverStatus checkpoint(SessionId session, MoverHandle mover, boolean stop, Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        Reply reply = connections.ask(session, mover, new Request.Checkpoint(stop), within);
        Status status = reply == null || reply.error() != null ? null : reply.status();
        if (status != null) {
            return Translation.status(status);
        }
        if (!stop) {
            return null;
        }
        connections.drop(session);
        fence.terminate(mover, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        try {
            return ResultFile.read(directory(session).path(), mover.generation())
                    .map(result -> Translation.status(result.status()))
                    .orElse(null);
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public boolean cancel(SessionId session, MoverHandle mover, Duration within) {
        return granted(connections.ask(session, mover, new Request.Cancel(), within));
    }

    @Override
    public boolean limit(SessionId session, MoverHandle mover, long bytesPerSecondMax, Duration within) {
        return granted(connections.ask(session, mover, new Request.Limit(bytesPerSecondMax), within));
    }

    private static boolean granted(@Nullable Reply reply) {
        return reply != null && reply.error() == null;
    }

    @Override
    public boolean stop(SessionId session, MoverHandle mover, Duration grace) {
        connections.leave(session);
        return fence.kill(mover, grace);
    }

    @Override
    public CompletionStage<Void> exit(MoverHandle mover) {
        try {
            int pidfd = fence.open(mover);
            return pidfd < 0
                    ? CompletableFuture.runAsync(() -> {})
                    : exits.watch(pidfd).thenRun(() -> {});
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void forget(SessionId session) {
        connections.drop(session);
        cgroup.remove(session);
        try {
            directory(session).delete();
            Files.deleteIfExists(MoverSocket.of(settings.runDir(), session));
        } catch (IOException e) {
            throw new UncheckedIOException("remove what is left of the mover of session " + session, e);
        }
    }

    private MoverDirectory directory(SessionId session) {
        return new MoverDirectory(settings.stateDir(), session);
    }

    /** Leaves the movers alone: they go on as orphans. */
    @Override
    public void close() throws IOException {
        connections.close();
        exits.close();
    }
}
