package dev.holdfast.transfer.repository;

/** Computes chunk ids. Not thread-safe: one per thread. */
public final class ChunkHasher {
    ChunkHasher() {}

    /** The id of these bytes. */
    public ChunkId id(byte[] bytes, int offset, int length) {
        throw new UnsupportedOperationException();
    }
}
