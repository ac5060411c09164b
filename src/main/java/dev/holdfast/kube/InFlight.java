package dev.holdfast.kube;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Caps the requests that one process has on their way: no client of ours does, each would open a connection for every
 * one. Leases pass always; others go in the order of their lanes. Lock: the object itself guards everything.
 */
public final class InFlight {
    private static final int WAITING_MAX = 10_000;

    private final int max;
    private final ScheduledExecutorService timer;
    private final Map<Lane, Deque<CompletableFuture<Slot>>> queues = new EnumMap<>(Lane.class);
    private int used;
    private int waiting;

    public InFlight(int max, ScheduledExecutorService timer) {
        this.max = max;
        this.timer = timer;
        for (Lane lane : Lane.values()) {
            queues.put(lane, new ArrayDeque<>());
        }
    }

    /** The place of one request. */
    public final class Slot implements AutoCloseable {
        private final AtomicBoolean open = new AtomicBoolean(true);

        /** Gives the place to the next one. Once; later calls do nothing. */
        @Override
        public void close() {
            if (open.compareAndSet(true, false)) {
                leave();
            }
        }
    }

    /** Asks for a place; never blocks. Fails with {@link WaitedTooLong}. */
    public CompletableFuture<Slot> enter(Lane lane, Duration within) {
        CompletableFuture<Slot> turn = new CompletableFuture<>();
        synchronized (this) {
            if (used < max || lane == Lane.LEASE) {
                used++;
                return CompletableFuture.completedFuture(new Slot());
            }
            if (waiting >= WAITING_MAX) {
                return CompletableFuture.failedFuture(WaitedTooLong.crowd(lane, waiting));
            }
            Waits.get(queues, lane).addLast(turn);
            waiting++;
        }
        return Waits.limit(turn, () -> WaitedTooLong.place(lane, within), within, timer);
    }

    private void leave() {
        CompletableFuture<Slot> next;
        do {
            synchronized (this) {
                next = used > max ? null : first();
                if (next == null) {
                    used--;
                    return;
                }
            }
        } while (!next.complete(new Slot())); // Who gave up meanwhile gets nothing; the next one does.
    }

    private @Nullable CompletableFuture<Slot> first() {
        for (Lane lane : Lane.values()) {
            CompletableFuture<Slot> turn = Waits.get(queues, lane).pollFirst();
            if (turn != null) {
                waiting--;
                return turn;
            }
        }
        return null;
    }
}
