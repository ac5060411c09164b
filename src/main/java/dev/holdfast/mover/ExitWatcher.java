package dev.holdfast.mover;

import dev.holdfast.mover.protocol.ProcessCalls;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Notices the end of processes at once, children or not: one thread that polls their pidfds. Lock: the object itself
 * guards {@code watches} and {@code thread}.
 */
final class ExitWatcher implements Closeable {
    private final ProcessCalls calls;
    private final List<Watch> watches = new ArrayList<>();
    private @Nullable Thread thread;
    private int wakeup = -1;
    private boolean closed;

    private record Watch(int pidfd, CompletableFuture<Boolean> ended) {}

    ExitWatcher(ProcessCalls calls) {
        this.calls = calls;
    }

    /** Completes when the process has ended; the descriptor belongs to the watcher from now on. */
    synchronized CompletableFuture<Boolean> watch(int pidfd) throws IOException {
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        if (closed) {
            calls.close(pidfd);
            return ended;
        }
        try {
            begin();
        } catch (IOException e) {
            calls.close(pidfd);
            throw e;
        }
        watches.add(new Watch(pidfd, ended));
        calls.wake(wakeup);
        return ended;
    }

    private void begin() throws IOException {
        if (thread == null) {
            wakeup = calls.wakeup();
            thread = Thread.ofPlatform()
                    .daemon()
                    .name("mover-exits")
                    .stackSize(256 << 10)
                    .start(this::run);
        }
    }

    private void run() {
        while (true) {
            List<Watch> current;
            int[] descriptors;
            synchronized (this) {
                if (closed) {
                    release();
                    return;
                }
                current = List.copyOf(watches);
                descriptors = new int[current.size() + 1];
                descriptors[0] = wakeup;
                for (int i = 0; i < current.size(); i++) {
                    descriptors[i + 1] = current.get(i).pidfd();
                }
            }
            try {
                settle(current, calls.poll(descriptors, -1));
            } catch (IOException e) {
                fail(e);
                return;
            }
        }
    }

    private void settle(List<Watch> current, boolean[] ready) {
        List<Watch> over = new ArrayList<>();
        for (int i = 0; i < current.size(); i++) {
            if (ready[i + 1]) {
                over.add(current.get(i));
            }
        }
        synchronized (this) {
            if (ready[0]) {
                calls.calm(wakeup);
            }
            watches.removeAll(over);
        }
        for (Watch watch : over) {
            calls.close(watch.pidfd());
            watch.ended().completeAsync(() -> true);
        }
    }

    private synchronized void fail(IOException why) {
        watches.forEach(watch -> watch.ended().completeExceptionally(why));
        release();
        closed = true;
    }

    private void release() {
        watches.forEach(watch -> calls.close(watch.pidfd()));
        watches.clear();
        calls.close(wakeup);
        wakeup = -1;
        thread = null;
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (thread != null) {
            calls.wake(wakeup);
        }
    }
}
