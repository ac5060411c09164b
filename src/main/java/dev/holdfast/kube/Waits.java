package dev.holdfast.kube;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What the queues of the gate have in common. */
final class Waits {
    private Waits() {}

    /** One thread for all waits of a process; what it runs never blocks. */
    static ScheduledThreadPoolExecutor timer(String name) {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name(name).factory());
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return timer;
    }

    /** Fails it with that trouble when the time is over; who keeps the queue sees that it is done. */
    static <T> CompletableFuture<T> limit(
            CompletableFuture<T> turn,
            Supplier<WaitedTooLong> trouble,
            Duration within,
            ScheduledExecutorService timer) {
        Runnable late = () -> turn.completeExceptionally(trouble.get());
        ScheduledFuture<?> end = timer.schedule(late, within.toNanos(), TimeUnit.NANOSECONDS);
        turn.whenComplete((_, _) -> end.cancel(false));
        return turn;
    }

    /** Of a map that has all lanes. */
    static <T> T get(Map<Lane, T> lanes, Lane lane) {
        T found = lanes.get(lane);
        if (found == null) {
            throw new IllegalStateException("lane " + lane + " without a queue");
        }
        return found;
    }
}
