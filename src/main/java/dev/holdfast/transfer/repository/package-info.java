/**
 * Encrypted, deduplicating, write-once storage: what is durable here is the truth about every transfer. The format is
 * written down in {@code docs/repository.md}; knows nothing of files, trees or devices, only of chunks and records.
 */
@NullMarked
package dev.holdfast.transfer.repository;

import org.jspecify.annotations.NullMarked;
