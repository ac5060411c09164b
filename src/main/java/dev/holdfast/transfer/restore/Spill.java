package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.UnnamedFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Records of any length, kept in a file without a name when they are many. Not thread-safe. */
final class Spill implements Closeable {
    private static final int BUFFER = 64 << 10;

    private final Path scratch;

    /** What is not in the file yet. */
    private final byte[] buffer = new byte[BUFFER];

    private int filled;
    private long written;
    private @Nullable RandomAccessFile file;

    /** @param scratch directory for the file, if one is needed */
    Spill(Path scratch) {
        this.scratch = scratch;
    }

    /** Where the next record will be. */
    long end() {
        return written + filled;
    }

    /** Where the record behind this one is. */
    static long behind(long position, byte[] record) {
        return position + Integer.BYTES + record.length;
    }

    /** Returns where it is. */
    long add(byte[] record) {
        long position = end();
        byte[] whole = ByteBuffer.allocate(Integer.BYTES + record.length)
                .putInt(record.length)
                .put(record)
                .array();
        if (filled + whole.length > BUFFER) {
            write(buffer, filled);
            filled = 0;
        }
        if (whole.length > BUFFER) {
            write(whole, whole.length);
        } else {
            System.arraycopy(whole, 0, buffer, filled, whole.length);
            filled += whole.length;
        }
        return position;
    }

    byte[] get(long position) {
        int length = ByteBuffer.wrap(bytes(position, Integer.BYTES)).getInt();
        return bytes(position + Integer.BYTES, length);
    }

    private void write(byte[] bytes, int length) {
        try {
            if (file == null) {
                file = UnnamedFile.in(scratch);
            }
            file.seek(written);
            file.write(bytes, 0, length);
            written += length;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private byte[] bytes(long position, int length) {
        if (file == null || position >= written) {
            int from = Math.toIntExact(position - written);
            return Arrays.copyOfRange(buffer, from, from + length);
        }
        byte[] bytes = new byte[length];
        try {
            file.seek(position);
            file.readFully(bytes);
        } catch (IOException e) {
            throw failed(e);
        }
        return bytes;
    }

    private UncheckedIOException failed(IOException e) {
        return new UncheckedIOException("keep the hard links of the restore in " + scratch + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        if (file != null) {
            try {
                file.close();
            } catch (IOException ignored) {
                // It has no name any more; nothing is lost.
            }
        }
    }
}
