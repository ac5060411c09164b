package dev.holdfast.testing;

import dev.holdfast.session.Failure;
import dev.holdfast.session.MoverException;
import dev.holdfast.session.MoverHandle;
import dev.holdfast.session.MoverResult;
import dev.holdfast.session.MoverStatus;
import dev.holdfast.session.Movers;
import dev.holdfast.session.Progress;
import dev.holdfast.session.SessionId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Processes that exist in memory only and outlive the agent under test. Two live ones of a session are an error. */
public final class FakeMovers implements Movers {
    /** One process. */
    @SuppressWarnings("JavaLangClash") // It stands for one.
    public static final class Process {
        public final LaunchOrder order;
        public final MoverHandle handle;
        public boolean alive = true;
        public boolean answers = true;
        public long cpuTicks;
        public boolean busy;
        public boolean foreign;
        public boolean outOfMemory;
        public boolean canceled;
        public boolean frozen;
        public long limit;
        public MoverStatus status;
        public @Nullable MoverResult result;
        private CompletableFuture<Void> exit = new CompletableFuture<>();

        private MoverStatus answer() {
            return new MoverStatus(
                    status.progress(), status.token(), status.start(), status.epoch(), limit, status.ownCgroup());
        }

        Process(LaunchOrder order, MoverHandle handle) {
            this.order = order;
            this.handle = handle;
            this.status = status(0, "token-" + order.session());
            this.limit = order.request().bytesPerSecondMax();
        }
    }

    private final Map<SessionId, List<Process>> processes = new TreeMap<>();
    private long pids = 100;
    public final List<SessionId> forgotten = new ArrayList<>();
    public final List<String> stopped = new ArrayList<>();
    public @Nullable Failure refuse;

    /** Runs before each look. */
    public Runnable looked = () -> {};

    /** How many of the next looks at a mover fail. */
    public int blind;

    /** What must never happen and did; the agent under test takes the error for a bug in one session. */
    public @Nullable AssertionError violation;

    /** Runs before each call that changes something; may throw to simulate the agent's death. */
    public Runnable before = () -> {};

    public static MoverStatus status(long bytes, @Nullable String token) {
        return status(bytes, token, ManualTime.START);
    }

    public static MoverStatus status(long bytes, @Nullable String token, Instant at) {
        Progress progress = new Progress(at, 1, 10, bytes, 1000, bytes, 0, 0, bytes, "b" + bytes, List.of());
        return new MoverStatus(progress, token, bytes == 0 ? null : "FRESH", 1, -1, true);
    }

    public synchronized Process last(SessionId session) {
        return processes.getOrDefault(session, List.of()).getLast();
    }

    public synchronized int count(SessionId session) {
        return processes.getOrDefault(session, List.of()).size();
    }

    public synchronized List<Process> living() {
        return processes.values().stream()
                .flatMap(List::stream)
                .filter(process -> process.alive)
                .toList();
    }

    /** Ends it; without a result it was killed. */
    public void end(Process process, @Nullable MoverResult result) {
        CompletableFuture<Void> exit;
        synchronized (this) {
            process.alive = false;
            process.result = result;
            exit = process.exit;
        }
        exit.complete(null);
    }

    public void finish(Process process, MoverResult.End end, @Nullable String snapshot, @Nullable Failure failure) {
        end(process, new MoverResult(end, snapshot, failure, process.status));
    }

    /** The agent is gone: nobody watches any more. */
    public synchronized void unwatch() {
        processes.values().forEach(all -> all.forEach(one -> one.exit = new CompletableFuture<>()));
    }

    @Override
    public synchronized MoverHandle launch(LaunchOrder order) throws MoverException {
        before.run();
        List<Process> all = processes.computeIfAbsent(order.session(), _ -> new ArrayList<>());
        for (Process one : all) {
            if (one.alive && !one.foreign) {
                throw violated("two live movers of " + order.session());
            }
        }
        Failure no = refuse;
        if (no != null) {
            throw new MoverException(no, new IllegalStateException("refused"));
        }
        MoverHandle handle = new MoverHandle(
                order.generation(), order.nonce(), pids++, 7, "boot", null, Path.of("/run/" + order.session()));
        all.add(new Process(order, handle));
        return handle;
    }

    @Override
    public synchronized Finding examine(
            SessionId session, int generation, String nonce, @Nullable MoverHandle known, Duration budget) {
        looked.run();
        if (blind > 0) {
            blind--;
            return new Finding.Unknown("too many open files");
        }
        for (Process one : processes.getOrDefault(session, List.of())) {
            if (one.handle.generation() == generation && one.handle.nonce().equals(nonce)) {
                MoverResult result = one.result;
                if (one.foreign) {
                    return new Finding.Foreign("pid " + one.handle.pid() + " is another process now", one.status);
                }
                if (result != null) {
                    return new Finding.Finished(result);
                }
                if (one.alive) {
                    return one.answers
                            ? new Finding.Alive(one.handle, one.answer(), one.frozen)
                            : new Finding.Silent(one.handle, new Life(one.cpuTicks, one.busy, one.status));
                }
                return new Finding.Gone(one.status, one.outOfMemory);
            }
        }
        return new Finding.Gone(null, false);
    }

    @Override
    public @Nullable MoverStatus checkpoint(SessionId session, MoverHandle mover, boolean stop, Duration within) {
        Process process = find(mover);
        if (process == null || !process.alive || !process.answers) {
            return null;
        }
        if (stop) {
            finish(process, MoverResult.End.STOPPED, null, null);
        }
        return process.status;
    }

    @Override
    public boolean cancel(SessionId session, MoverHandle mover, Duration within) {
        before.run();
        Process process = find(mover);
        if (process == null || !process.alive || !process.answers) {
            return false;
        }
        process.canceled = true;
        finish(process, MoverResult.End.CANCELED, null, null);
        return true;
    }

    @Override
    public boolean limit(SessionId session, MoverHandle mover, long bytesPerSecondMax, Duration within) {
        Process process = find(mover);
        if (process == null || !process.alive || !process.answers) {
            return false;
        }
        process.limit = bytesPerSecondMax;
        return true;
    }

    @Override
    public boolean stop(SessionId session, MoverHandle mover, Duration grace) {
        before.run();
        Process process = find(mover);
        stopped.add(session.value());
        if (process != null && process.foreign) {
            throw violated("a foreign process was signalled");
        }
        if (process != null && process.alive) {
            end(process, null);
        }
        return true;
    }

    @Override
    public synchronized CompletionStage<Void> exit(MoverHandle mover) {
        Process process = find(mover);
        return process == null || !process.alive ? CompletableFuture.completedFuture(null) : process.exit;
    }

    @Override
    public synchronized void forget(SessionId session) {
        before.run();
        forgotten.add(session);
    }

    private AssertionError violated(String what) {
        AssertionError error = new AssertionError(what);
        violation = error;
        return error;
    }

    private synchronized @Nullable Process find(MoverHandle mover) {
        return processes.values().stream()
                .flatMap(List::stream)
                .filter(process -> process.handle.equals(mover))
                .findFirst()
                .orElse(null);
    }
}
