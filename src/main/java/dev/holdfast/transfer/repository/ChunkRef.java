package dev.holdfast.transfer.repository;

/** Where a chunk lies in the bytes handed to {@link PackWriter#data}. */
public record ChunkRef(ChunkId id, int offset, int length) {}
