package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.catalog.Piece;
import dev.holdfast.transfer.chunk.Chunker;
import dev.holdfast.transfer.tree.SourceFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one region of a file or device: holes are noted and not read, data is cut, hashed and stored. */
final class RegionReader {
    private static final int READ_MAX = 1 << 20;

    /** Blocks of a device are cut at multiples of this, so that a changed block changes one chunk. */
    static final int BLOCK = 256 << 10;

    private static final byte[] ZEROS = new byte[BLOCK];

    private final Worker worker;
    private final SourceFile source;
    private final @Nullable Chunker chunker;
    private final boolean again;
    private final List<Piece> pieces = new ArrayList<>();

    /** @param chunker null cuts into fixed blocks and takes blocks of zeros for holes */
    RegionReader(Worker worker, SourceFile source, @Nullable Chunker chunker, boolean again) {
        this.worker = worker;
        this.source = source;
        this.chunker = chunker;
        this.again = again;
    }

    /** Pieces from {@code start} to {@code end}; a source that ends early gives a hole for the rest. */
    List<Piece> read(long start, long end) throws IOException, TransferException {
        long position = start;
        while (position < end) {
            long data = source.nextData(position);
            if (data < 0 || data >= end) {
                skip(end - position);
                break;
            }
            skip(data - position);
            long hole = source.nextHole(data);
            long stop = hole < 0 ? end : Math.min(end, hole);
            position = data(data, stop);
            if (position < stop) {
                skip(end - position);
                break;
            }
        }
        return pieces;
    }

    /** Returns where it ended: before {@code end} when the source is shorter than it was. */
    private long data(long start, long end) throws IOException, TransferException {
        byte[] buffer = worker.buffer;
        long position = start;
        int from = 0;
        int filled = 0;
        while (true) {
            while (position < end && filled - from < Chunker.MAX && filled < buffer.length) {
                int want = (int) Math.min(Math.min(READ_MAX, buffer.length - filled), end - position);
                worker.member.spend(want);
                int read = source.read(buffer, filled, want, position);
                position += read;
                filled += read;
                if (read < want) {
                    end = position;
                }
            }
            if (filled == from) {
                return position;
            }
            worker.member.breathe();
            int length = cut(buffer, from, filled - from);
            store(buffer, from, length);
            worker.crew.counters.bytesDone.add(length);
            from += length;
            if (buffer.length - from < Chunker.MAX) {
                System.arraycopy(buffer, from, buffer, 0, filled - from);
                filled -= from;
                from = 0;
            }
        }
    }

    private int cut(byte[] buffer, int from, int available) {
        return chunker == null ? Math.min(BLOCK, available) : chunker.cut(buffer, from, available);
    }

    private void store(byte[] buffer, int from, int length) throws TransferException {
        if (chunker == null && Arrays.equals(buffer, from, from + length, ZEROS, 0, length)) {
            hole(length);
            return;
        }
        pieces.add(new Piece(worker.store(buffer, from, length, again), length));
    }

    private void skip(long length) {
        hole(length);
        worker.crew.counters.bytesDone.add(length);
    }

    private void hole(long length) {
        if (length <= 0) {
            return;
        }
        if (!pieces.isEmpty() && pieces.getLast().id() == null) {
            pieces.add(new Piece(null, pieces.removeLast().length() + length));
            return;
        }
        pieces.add(new Piece(null, length));
    }
}
