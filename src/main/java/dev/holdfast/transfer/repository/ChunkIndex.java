package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.UnnamedFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where chunks are, by the first 16 bytes of their ids; or what else is found by such hashes. Thread-safe; its own lock
 * guards everything.
 *
 * <p>Memory is bounded: after {@value #TABLE_MAX} keys the table goes to disk as one more {@link IndexRun}, which
 * leaves about 11 bits a key in memory. What is younger wins: the table over all runs, a run over those before it. The
 * file has no name, belongs to this index alone and is gone with it: the truth is in the repository's own index
 * objects. Where no file can be written, or no more, everything stays in memory.
 */
public final class ChunkIndex implements Closeable {
    /** No such key. */
    static final long UNKNOWN = 0;

    /** Claimed by a writer, not yet written. */
    static final long CLAIMED = 1;

    /** Removed: hides what a run says. */
    public static final long DEAD = 2;

    static final int TABLE_MAX = 3 << 16;

    private final Path scratch;
    private final List<IndexRun> runs = new ArrayList<>();
    private final byte[] page = new byte[IndexRun.PAGE];
    private final ChunkTable table = new ChunkTable();
    private @Nullable RandomAccessFile file;
    private int spillAt = TABLE_MAX;

    /** @param scratch directory for the file, if one is needed */
    public ChunkIndex(Path scratch) {
        this.scratch = scratch;
    }

    /** Location, {@link #CLAIMED}, {@link #DEAD} or {@link #UNKNOWN}. */
    public synchronized long find(long high, long low) {
        long location = table.get(high, low);
        for (int i = runs.size() - 1; location == UNKNOWN && i >= 0; i--) {
            location = read(runs.get(i), high, low);
        }
        return location;
    }

    /** True when the key was unknown and is claimed now. */
    synchronized boolean claim(long high, long low) {
        long location = find(high, low);
        if (location != UNKNOWN && location != DEAD) {
            return false;
        }
        put(high, low, CLAIMED);
        return true;
    }

    /** Adds a location. Of several for a key one stays: all are true. */
    public synchronized void add(long high, long low, long location) {
        if (table.get(high, low) <= DEAD) {
            put(high, low, location);
        }
    }

    /** Puts a location, or {@link #DEAD}, in the place of what was there. */
    synchronized void replace(long high, long low, long location) {
        put(high, low, location);
    }

    /** Forgets a key, provided it is at this place. */
    synchronized void removeAt(long high, long low, long location) {
        if (find(high, low) == location) {
            put(high, low, DEAD);
        }
    }

    private void put(long high, long low, long location) {
        table.put(high, low, location);
        if (table.size() >= spillAt) {
            spill();
        }
    }

    private void spill() {
        RandomAccessFile own = file();
        if (own == null) {
            spillAt = Integer.MAX_VALUE;
            return;
        }
        ChunkTable.Sorted entries = table.drain();
        try {
            runs.add(IndexRun.write(own, entries));
        } catch (IOException full) {
            spillAt = Integer.MAX_VALUE;
            for (int i = 0; i < entries.count(); i++) {
                table.put(entries.keys()[2 * i], entries.keys()[2 * i + 1], entries.locations()[i]);
            }
        }
    }

    private @Nullable RandomAccessFile file() {
        if (file == null) {
            try {
                file = UnnamedFile.in(scratch);
            } catch (IOException none) {
                return null;
            }
        }
        return file;
    }

    private long read(IndexRun run, long high, long low) {
        try {
            return run.find(high, low, page);
        } catch (IOException failed) {
            throw new UncheckedIOException(
                    "read the index of chunks kept in " + scratch + ": " + failed.getMessage(), failed);
        }
    }

    @Override
    public synchronized void close() {
        if (file != null) {
            try {
                file.close();
            } catch (IOException ignored) {
                // It has no name any more; nothing is lost.
            }
        }
    }
}
