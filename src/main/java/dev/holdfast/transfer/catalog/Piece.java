package dev.holdfast.transfer.catalog;

import dev.holdfast.transfer.repository.ChunkId;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a file.
 *
 * @param id the chunk that holds its bytes, or null for a hole
 * @param length bytes, more than 0
 */
public record Piece(@Nullable ChunkId id, long length) {}
