package dev.holdfast.session;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One session in memory, with its work in single file: tasks run one after the other, so calls to its mover are serial,
 * while a change of state (short, under {@link #lock}) never waits for a slow one.
 */
final class Lane {
    /** Serializes changes of {@link #session} with their writes. */
    final ReentrantLock lock = new ReentrantLock();

    volatile Session session;

    /** A retry has been given a place and is about to order its launch. */
    volatile boolean claimed;

    /** Only tasks of this lane touch these. */
    int watched;

    int toldLost;
    boolean unknown;

    /** The mover that did not answer when this agent took the session up; 0 if it did, or there was none. */
    int doubted;

    /** When the mover last answered or else showed that it lives, and what it looked like when it did not answer. */
    private Instant heard;

    private Movers.@Nullable Life life;

    /** Something of the mover of a session that has ended could not be removed yet. */
    volatile boolean leftBehind;

    volatile Instant polled = Instant.EPOCH;
    volatile Instant written;
    private volatile Instant moved;
    private volatile long mark = -1;
    private volatile Instant tokenSeen;

    private final Executor executor;

    /** Both guarded by this. */
    private final Deque<Runnable> tasks = new ArrayDeque<>();

    private boolean turning;

    Lane(Session session, Executor executor, Instant now) {
        this.session = session;
        this.executor = executor;
        this.written = now;
        this.moved = now;
        this.heard = now;
        this.tokenSeen = now;
    }

    /** Takes a task that throws nothing. */
    void post(Runnable task) {
        synchronized (this) {
            tasks.add(task);
            if (turning) {
                return;
            }
            turning = true;
        }
        turn();
    }

    /** Posts it only if nothing is under way: for work that is repeated anyway. */
    void postIfIdle(Runnable task) {
        synchronized (this) {
            if (turning) {
                return;
            }
            if (tasks.isEmpty()) { // Else there was no thread for what waits: it has its turn first.
                tasks.add(task);
            }
            turning = true;
        }
        turn();
    }

    private void turn() {
        try {
            executor.execute(this::drain);
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                turning = false; // No thread to be had: the next task is another try.
            }
            throw e;
        }
    }

    /** Notes how far the transfer is. */
    void progressed(Progress progress, Instant now) {
        long next = progress.bytesDone()
                + progress.bytesSent()
                + progress.bytesReadAgain()
                + progress.filesDone()
                + progress.lastBlock();
        if (next != mark) {
            mark = next;
            moved = now;
        }
    }

    /** It does not move because somebody holds it still: that is no standstill of its own. */
    void paused(Instant now) {
        moved = now;
    }

    /** Begins to measure anew, with another process. */
    void restartClocks(Instant now) {
        mark = -1;
        moved = now;
        heard(now);
    }

    void heard(Instant now) {
        heard = now;
        life = null;
    }

    /** Whether a mover that did not answer since {@code asked} has shown no other sign of life for so long either. */
    boolean still(Movers.Life seen, Duration limit, Instant asked, Instant now) {
        if (seen.busy() || !seen.equals(life)) {
            heard = asked;
        }
        life = seen;
        return !now.isBefore(heard.plus(limit));
    }

    Instant moved() {
        return moved;
    }

    Instant tokenSeen() {
        return tokenSeen;
    }

    void tokenSeen(Instant now) {
        tokenSeen = now;
    }

    private void drain() {
        @Nullable Runnable task = next();
        while (task != null) {
            task.run();
            task = next();
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable task = tasks.poll();
        turning = task != null;
        return task;
    }
}
