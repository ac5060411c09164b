package dev.holdfast.session;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads for lanes, enough for what has no mover even if all movers are waited for. They are no virtual ones: waiting
 * for the end of a process would pin their carriers, of which there are as many as processors.
 */
final class LaneThreads implements Executor {
    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final int FURTHER = 16;

    private final ThreadPoolExecutor threads;

    LaneThreads(int most, ThreadFactory factory) {
        threads = new ThreadPoolExecutor(
                most, most, IDLE.toSeconds(), TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        threads.allowCoreThreadTimeOut(true);
    }

    static Executor of(int concurrentMax) {
        return new LaneThreads(
                concurrentMax + FURTHER,
                Thread.ofPlatform().daemon().name("lane-", 0).factory());
    }

    /** A pool that may grow makes a thread though others are idle; where none is to be had, one of those does it. */
    @Override
    public void execute(Runnable task) {
        try {
            threads.execute(task);
        } catch (OutOfMemoryError e) {
            threads.getQueue().add(task);
            if (threads.getPoolSize() == 0 && threads.getQueue().remove(task)) {
                throw e;
            }
        }
    }
}
