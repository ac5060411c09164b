package dev.holdfast.backup;

import dev.holdfast.linux.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What of large pages does not stay in memory: files without names, which the system removes whatever happens. All of
 * them together have a limit, which only the page that is being worked on may pass. Lock: the object itself guards
 * which parts there are.
 */
final class Spool implements Closeable {
    private static final long BYTES_MAX = 256L << 20;

    private final Path folder;
    private final long bytesMax;
    private final AtomicLong held = new AtomicLong();
    private final Set<Part> parts = new HashSet<>();
    private boolean closed;

    /** A page cannot be kept; that is no fault of the server. */
    static final class NoRoom extends IOException {
        private static final long serialVersionUID = 1;

        private NoRoom(Path folder, IOException e) {
            super("keep a large page in " + folder + ": " + Reason.of(e) + "; is there room on the disk?", e);
        }
    }

    /** Keeps its files in a folder that is there. */
    Spool(Path folder) {
        this(folder, BYTES_MAX);
    }

    Spool(Path folder, long bytesMax) {
        this.folder = folder;
        this.bytesMax = bytesMax;
    }

    /** Whether there is more than there may be. */
    boolean full() {
        return held.get() > bytesMax;
    }

    /** Of all parts. */
    long held() {
        return held.get();
    }

    /** An empty one. */
    synchronized Part part() throws IOException {
        if (closed) {
            throw new IOException("the backup is over");
        }
        try {
            Path name = Files.createTempFile(folder, "page", ".json");
            Part part = new Part(FileChannel.open(
                    name, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE));
            parts.add(part);
            return part;
        } catch (IOException e) {
            throw new NoRoom(folder, e);
        }
    }

    /** Closes every part, also those that nobody has come to read. There will be no others. */
    @Override
    public void close() {
        List<Part> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(parts);
        }
        left.forEach(Part::close);
    }

    private synchronized boolean forget(Part part) {
        return parts.remove(part);
    }

    /** The rest of one page. For one thread at a time, apart from its end. */
    final class Part implements Closeable {
        private final FileChannel file;
        private final AtomicLong size = new AtomicLong();

        private Part(FileChannel file) {
            this.file = file;
        }

        void write(byte[] bytes, int length) throws IOException {
            ByteBuffer left = ByteBuffer.wrap(bytes, 0, length);
            try {
                while (left.hasRemaining()) {
                    file.write(left);
                }
            } catch (IOException e) {
                throw new NoRoom(folder, e);
            }
            size.addAndGet(length);
            held.addAndGet(length);
        }

        long size() {
            return size.get();
        }

        /** All of it from its start; one reader at a time. */
        InputStream read() throws IOException {
            return Channels.newInputStream(file.position(0));
        }

        @Override
        public void close() {
            if (forget(this)) {
                held.addAndGet(-size.get());
                try {
                    file.close();
                } catch (IOException e) {
                    throw new UncheckedIOException("close a page in " + folder, e);
                }
            }
        }
    }
}
