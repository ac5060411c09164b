package dev.holdfast.kube;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Time and a timer that run only when told, for one thread. */
final class ManualTimer {
    private record Task(long at, Runnable run) {}

    private final PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparingLong(Task::at));
    private long now = 1_000_000_000_000L;

    long nanos() {
        return now;
    }

    /** What is still to run. */
    int tasks() {
        return tasks.size();
    }

    /** Runs what becomes due on the way, each at its time. */
    void pass(Duration time) {
        long until = now + time.toNanos();
        Task next = tasks.peek();
        while (next != null && next.at() <= until) {
            tasks.remove(next);
            now = Math.max(now, next.at());
            next.run().run();
            next = tasks.peek();
        }
        now = until;
    }

    ScheduledExecutorService executor() {
        return proxy(ScheduledExecutorService.class, (name, arguments) -> {
            if (name.equals("isShutdown")) {
                return false;
            }
            if (!name.equals("schedule")) {
                throw new UnsupportedOperationException(name);
            }
            Task task = new Task(now + ((TimeUnit) arguments[2]).toNanos((Long) arguments[1]), (Runnable) arguments[0]);
            tasks.add(task);
            return proxy(ScheduledFuture.class, (method, _) -> {
                if (method.equals("cancel")) {
                    tasks.remove(task);
                    return true;
                }
                throw new UnsupportedOperationException(method);
            });
        });
    }

    private interface Call {
        Object run(String method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(
                ManualTimer.class.getClassLoader(),
                new Class<?>[] {type},
                (_, method, arguments) -> call.run(method.getName(), arguments)));
    }
}
