package dev.holdfast.transfer.repository;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.Objects;

/**
 * Entries of an index in a file, in order of their keys, which never change. In memory: a filter of ten bits a key, and
 * the first key of each page. So a key that is absent costs no read in 98 of 100 cases, one that is there costs one.
 * Not thread-safe: runs share a file and a buffer.
 *
 * <pre>
 *   page = 170 × (key 16 · location 8) · zero 12 · CRC32C 4        of 4,096 bytes, little endian
 * </pre>
 */
final class IndexRun {
    static final int PAGE = 4096;
    private static final int ENTRY = 24;
    private static final int PER_PAGE = 170;
    private static final int CRC = PAGE - 4;
    private static final int FILTER_BITS = 10;

    /** Bits set for a key, all within one block of 512 bits: one line of the processor's cache. */
    private static final int PROBES = 6;

    private final RandomAccessFile file;
    private final long start;
    private final int count;
    private final long[] filter;
    private final long[] fences;

    private IndexRun(RandomAccessFile file, long start, int count) {
        this.file = file;
        this.start = start;
        this.count = count;
        filter = new long[8 * Math.toIntExact(1 + (long) count * FILTER_BITS / 512)];
        fences = new long[2 * ((count + PER_PAGE - 1) / PER_PAGE)];
    }

    /** Appends the entries to the file. They are not made durable: the file is gone with the process. */
    static IndexRun write(RandomAccessFile file, ChunkTable.Sorted entries) throws IOException {
        IndexRun run = new IndexRun(file, file.length(), entries.count());
        file.seek(run.start);
        byte[] page = new byte[PAGE];
        for (int first = 0; first < run.count; first += PER_PAGE) {
            int last = Math.min(run.count, first + PER_PAGE);
            run.fences[first / PER_PAGE * 2] = entries.keys()[2 * first];
            run.fences[first / PER_PAGE * 2 + 1] = entries.keys()[2 * first + 1];
            for (int i = first; i < last; i++) {
                int at = (i - first) * ENTRY;
                Encoder.LONG.set(page, at, entries.keys()[2 * i]);
                Encoder.LONG.set(page, at + 8, entries.keys()[2 * i + 1]);
                Encoder.LONG.set(page, at + 16, entries.locations()[i]);
                run.note(entries.keys()[2 * i], entries.keys()[2 * i + 1]);
            }
            Encoder.INT.set(page, CRC, Frames.crc(page, 0, CRC));
            file.write(page);
        }
        return run;
    }

    /** Location, or {@link ChunkIndex#UNKNOWN}; {@code page} is overwritten. */
    long find(long high, long low, byte[] page) throws IOException {
        if (!mayHold(high, low)) {
            return ChunkIndex.UNKNOWN;
        }
        int number = pageOf(high, low);
        if (number < 0) {
            return ChunkIndex.UNKNOWN;
        }
        file.seek(start + (long) number * PAGE);
        file.readFully(page, 0, PAGE);
        if ((int) Encoder.INT.get(page, CRC) != Frames.crc(page, 0, CRC)) {
            throw new IOException("page " + number + " is not as it was written; check the disk");
        }
        return within(page, Math.min(PER_PAGE, count - number * PER_PAGE), high, low);
    }

    private static long within(byte[] page, int entries, long high, long low) {
        int from = 0;
        int to = entries - 1;
        while (from <= to) {
            int middle = (from + to) >>> 1;
            int at = middle * ENTRY;
            int order = ChunkTable.compare(
                    high, low, (long) Encoder.LONG.get(page, at), (long) Encoder.LONG.get(page, at + 8));
            if (order == 0) {
                return (long) Encoder.LONG.get(page, at + 16);
            }
            if (order > 0) {
                from = middle + 1;
            } else {
                to = middle - 1;
            }
        }
        return ChunkIndex.UNKNOWN;
    }

    /** The last page whose first key is not behind the key; -1 when there is none. */
    private int pageOf(long high, long low) {
        int from = 0;
        int to = fences.length / 2 - 1;
        while (from <= to) {
            int middle = (from + to) >>> 1;
            if (ChunkTable.compare(high, low, fences[2 * middle], fences[2 * middle + 1]) >= 0) {
                from = middle + 1;
            } else {
                to = middle - 1;
            }
        }
        return to;
    }

    private void note(long high, long low) {
        int block = block(high);
        for (int i = 0; i < PROBES; i++) {
            int bit = (int) (low >>> 9 * i) & 511;
            filter[block + (bit >>> 6)] |= 1L << bit;
        }
    }

    private boolean mayHold(long high, long low) {
        int block = block(high);
        for (int i = 0; i < PROBES; i++) {
            int bit = (int) (low >>> 9 * i) & 511;
            if ((filter[block + (bit >>> 6)] & 1L << bit) == 0) {
                return false;
            }
        }
        return true;
    }

    private int block(long high) {
        int blocks = filter.length / 8;
        return 8 * Objects.checkIndex((int) Math.unsignedMultiplyHigh(high, blocks), blocks);
    }
}
