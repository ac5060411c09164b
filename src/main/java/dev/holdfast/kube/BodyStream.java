package dev.holdfast.kube;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, for one reader that may block. Holds what came in one go and asks for more only when that is
 * read, so the server is no faster than the reader. Lock: {@code lock} guards the fields.
 */
final class BodyStream extends InputStream {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<ByteBuffer> parts = new ArrayDeque<>();
    private final boolean endless;
    private final Duration silenceMax;
    private final Leftover leftover = new Leftover();
    private @Nullable AsyncBody body;
    private boolean closed;
    private boolean ended;
    private boolean silent;
    private @Nullable Throwable broken;

    /**
     * A body that has not begun.
     *
     * @param endless whether it is broken off when it is closed, rather than read to its end
     * @param silenceMax after so long without data it is given up
     */
    BodyStream(boolean endless, Duration silenceMax) {
        this.endless = endless;
        this.silenceMax = silenceMax;
    }

    /** Takes what came; called by the client. */
    void add(List<ByteBuffer> more, AsyncBody from) {
        boolean unread;
        lock.lock();
        try {
            unread = closed;
            if (!unread) {
                more.stream().filter(ByteBuffer::hasRemaining).forEach(parts::addLast);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (unread) {
            leftover.take(more, from);
        } else if (more.stream().noneMatch(ByteBuffer::hasRemaining)) {
            from.consume();
        }
    }

    /** The answer has begun. */
    void begin(AsyncBody begun) {
        lock.lock();
        try {
            body = begun;
        } finally {
            lock.unlock();
        }
        begun.done().whenComplete((_, e) -> end(e));
        begun.consume();
    }

    private void end(@Nullable Throwable e) {
        lock.lock();
        try {
            ended = true;
            broken = e;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        AsyncBody more;
        int count;
        lock.lock();
        try {
            await();
            ByteBuffer first = parts.peekFirst();
            if (first == null) {
                if (broken != null) {
                    throw new IOException("the answer broke off: " + broken.getMessage(), broken);
                }
                return -1;
            }
            count = Math.min(length, first.remaining());
            first.get(into, offset, count);
            if (!first.hasRemaining()) {
                parts.removeFirst();
            }
            more = parts.isEmpty() && !ended ? body : null;
        } finally {
            lock.unlock();
        }
        if (more != null) {
            more.consume();
        }
        return count;
    }

    private void await() throws IOException {
        try {
            while (parts.isEmpty() && !ended) {
                if (!changed.await(silenceMax.toNanos(), TimeUnit.NANOSECONDS)) {
                    silent = true;
                    throw new IOException("no more data for " + silenceMax.toSeconds() + " s");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading an answer", e);
        }
    }

    @Override
    public void close() {
        AsyncBody from;
        List<ByteBuffer> unread;
        boolean breakOff;
        lock.lock();
        try {
            from = closed || ended ? null : body;
            closed = true;
            ended = true;
            breakOff = endless || silent; // Who says nothing would be waited for without an end.
            unread = List.copyOf(parts);
            parts.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (from != null && breakOff) {
            from.cancel();
        } else if (from != null) {
            leftover.take(unread, from);
        }
    }
}
