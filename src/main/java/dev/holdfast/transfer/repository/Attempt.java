package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferListener;
import java.io.Closeable;
import org.jspecify.annotations.Nullable;

/** One attempt of one writing session. Thread-safe, except for its {@link PackWriter}s. */
public final class Attempt implements Closeable {
    Attempt() {}

    /** How it began. */
    public TransferListener.Start start() {
        throw new UnsupportedOperationException();
    }

    /** What a later attempt must present; always the same for the same repository, session and source. */
    public String token() {
        throw new UnsupportedOperationException();
    }

    /** 1 for the first attempt. */
    public long epoch() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of packs that earlier attempts made and this one goes on from. */
    public long adoptedBytes() {
        throw new UnsupportedOperationException();
    }

    /** Bytes behind the last whole frame of unfinished packs, cut off and lost. */
    public long tornBytes() {
        throw new UnsupportedOperationException();
    }

    /** The last data chunk that was durable at the beginning, read back and proven; null when there is none. */
    public @Nullable ChunkId lastBlock() {
        throw new UnsupportedOperationException();
    }

    /** Key of the first record behind that chunk in its pack, most likely the one that names it; null when none. */
    public byte @Nullable [] lastRecordKey() {
        throw new UnsupportedOperationException();
    }

    /** Number of the last data frame made durable by this attempt, 0 before the first. */
    public long blocksDurable() {
        throw new UnsupportedOperationException();
    }

    /** Id of the last chunk made durable by this attempt, else {@link #lastBlock}. */
    public @Nullable ChunkId lastDurable() {
        throw new UnsupportedOperationException();
    }

    /** Whether the chunk is in a committed snapshot's packs, or written by this session. */
    public boolean knows(ChunkId id) {
        throw new UnsupportedOperationException();
    }

    /** True exactly once for an id that is not known: the caller must then write it, or the attempt must fail. */
    public boolean claim(ChunkId id) {
        throw new UnsupportedOperationException();
    }

    /** For one worker. Closed with the attempt. */
    public PackWriter newWriter() {
        throw new UnsupportedOperationException();
    }

    /** Payload of the newest record of this key that earlier attempts left, or null. */
    public byte @Nullable [] recorded(byte[] key16) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** Notes which packs are published, to speed up a later attempt. Any thread, any time. */
    public void checkpoint() throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** Throws FENCED when a newer attempt has taken the session over. */
    public void requireOwner() throws TransferException {
        throw new UnsupportedOperationException();
    }

    /**
     * Publishes all packs, then the index, then the snapshot, then closes the session. All writers must be at rest.
     * Done again after a crash it goes on where it stopped.
     *
     * @return id of the snapshot
     */
    public String commit(SnapshotDraft draft) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** Closes the session without a snapshot. */
    public void finish(String outcomeJson) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** Closes all writers, never fails. */
    @Override
    public void close() {}
}
