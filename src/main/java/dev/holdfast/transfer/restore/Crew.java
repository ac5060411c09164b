package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.Pace;
import dev.holdfast.transfer.Threads;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.repository.Repository;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The threads of one restore: a bounded queue, a reader for each, the first failure, the wish to stop. */
final class Crew implements Closeable {
    private static final long POLL_MILLIS = 20;

    private final TransferControl control;
    private final BlockingQueue<Task> queue;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Pace pace;
    private volatile boolean drained;
    private volatile boolean halted;

    Crew(Repository repository, TransferControl control, int workers) throws TransferException {
        this.control = control;
        this.queue = new ArrayBlockingQueue<>(2 * workers + 2);
        this.pace = new Pace(control::bytesPerSecondMax, System::nanoTime);
        boolean complete = false;
        try {
            for (int i = 0; i < workers; i++) {
                ChunkReader reader = repository.reader();
                threads.add(Thread.ofPlatform().name("restore-" + i).daemon().start(() -> work(reader)));
            }
            complete = true;
        } finally {
            halted = !complete; // The others would wait for ever.
        }
    }

    /** Work for one worker. */
    interface Task {
        void run(ChunkReader reader) throws TransferException;
    }

    boolean halting() {
        return halted || control.ending() != null;
    }

    void fail(Throwable why) {
        failure.compareAndSet(null, why);
        halted = true;
    }

    @Nullable
    Throwable failure() {
        return failure.get();
    }

    /** Hands a task over, waiting while the queue is full; false when the crew is to stop. */
    boolean submit(Task task) throws InterruptedException {
        while (!halting()) {
            if (queue.offer(task, POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return false;
    }

    /** Waits as long as the rate limit says; false when the crew is to stop. */
    boolean spend(long bytes) {
        long ticket = pace.take(bytes);
        long wait;
        while ((wait = pace.nanosUntil(ticket)) > 0 && !halting()) {
            try {
                TimeUnit.NANOSECONDS.sleep(Math.min(wait, TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return !halting();
    }

    /** Waits until everything that was submitted is done, or the crew has stopped. */
    void finish() {
        drained = true;
        Threads.join(threads);
    }

    /** Ends all work at the next block; the threads are gone when it returns. */
    @Override
    public void close() {
        halted = true;
        Threads.join(threads);
    }

    private void work(ChunkReader reader) {
        try (reader) {
            while (!halting()) {
                boolean last = drained;
                Task task = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (task != null) {
                    task.run(reader);
                } else if (last) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TransferException | RuntimeException | Error e) {
            fail(e);
        }
    }
}
