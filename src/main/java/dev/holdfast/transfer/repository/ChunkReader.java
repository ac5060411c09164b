package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.Closeable;

/**
 * Reads chunks; keeps the last few frames. Not thread-safe: one per thread. Chunks that the running attempt wrote can
 * be read once their pack is published.
 */
public final class ChunkReader implements Closeable {
    ChunkReader() {}

    /**
     * The bytes of a chunk, proven by tag and id.
     *
     * @throws TransferException REPOSITORY_DAMAGED naming the pack, also when no index knows the chunk
     */
    public byte[] read(ChunkId id) throws TransferException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
