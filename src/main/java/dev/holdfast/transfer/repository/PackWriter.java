package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.Closeable;
import java.util.List;

/**
 * Appends frames to packs of its own, one after the other. Not thread-safe: one per worker. Every frame reaches the
 * operating system before the method returns, the disk within 4 MiB or 500 ms of writing, or at {@link #sync}; full
 * packs are published by themselves. After an exception only {@link #close} may be called.
 */
public final class PackWriter implements Closeable {
    /** Most chunks that fit in one frame. */
    public static final int CHUNKS_MAX = 4096;

    /** Most bytes that fit in one frame. */
    public static final int BYTES_MAX = 4 << 20;

    PackWriter() {}

    /**
     * Writes chunks as one frame.
     *
     * @param chunks 1 to {@link #CHUNKS_MAX}; must lie within {@code length}, which is at most {@link #BYTES_MAX}
     * @return bytes added to the repository
     * @throws TransferException FENCED when a newer attempt has taken the session over
     */
    public long data(List<ChunkRef> chunks, byte[] plain, int length) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** Writes a chunk of metadata; returns bytes added to the repository. */
    public long page(ChunkId id, byte[] plain) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes that something is finished; later attempts find it by {@code key16}. Must follow the chunks it names.
     *
     * @param supersededKeys keys of older records that need not be found any more
     */
    public void record(byte[] key16, byte[] payload, List<byte[]> supersededKeys) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** Returns when everything written is on the disk. */
    public void sync() throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** Syncs and publishes the pack in hand, if it holds anything; the next frame starts another. */
    public void publish() throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** Lets go of the pack in hand without publishing it: the next attempt adopts it. */
    @Override
    public void close() {}
}
