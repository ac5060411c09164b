package dev.holdfast.backup;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What of large pages does not stay in memory: files without names, which the system removes whatever happens. All of
 * them together have a limit, which only the page that is being worked on may pass.
 */
final class Spool {
    private static final long BYTES_MAX = 256L << 20;

    private final Path folder;
    private final long bytesMax;
    private final AtomicLong held = new AtomicLong();

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

    /** An empty one. */
    Part part() throws IOException {
        Path name = Files.createTempFile(folder, "page", ".json");
        return new Part(FileChannel.open(
                name, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE));
    }

    /** The rest of one page. For one thread at a time. */
    final class Part implements Closeable {
        private final FileChannel file;
        private long size;

        private Part(FileChannel file) {
            this.file = file;
        }

        void write(byte[] bytes, int length) throws IOException {
            size += length;
            held.addAndGet(length);
            ByteBuffer left = ByteBuffer.wrap(bytes, 0, length);
            while (left.hasRemaining()) {
                file.write(left);
            }
        }

        long size() {
            return size;
        }

        /** All of it from its start; one reader at a time. */
        InputStream read() throws IOException {
            return Channels.newInputStream(file.position(0));
        }

        @Override
        public void close() throws IOException {
            if (file.isOpen()) {
                file.close();
                held.addAndGet(-size);
            }
        }
    }
}
