package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Appends frames to packs of its own, one after the other. Not thread-safe: one per worker. Every frame reaches the
 * operating system before the method returns, the disk within 4 MiB or 500 ms of writing, or at {@link #sync}; full
 * packs are published by themselves. After an exception only {@link #close} may be called.
 */
public final class PackWriter implements Closeable {
    /** Most chunks that fit in one frame. */
    public static final int CHUNKS_MAX = 4096;

    /** Most bytes of data that fit in one frame. */
    public static final int BYTES_MAX = 4 << 20;

    /** Most bytes of metadata that fit in one frame. */
    public static final int PAGE_MAX = Frames.RAW_MAX - 4 - CHUNKS_MAX * Frames.MEMBER;

    private static final long PACK_BYTES = 16 << 20;

    /** A directory is held while its pack grows, and sealed at once; of files of a few bytes it would be megabytes. */
    private static final int DIRECTORY_BYTES = 1 << 20;

    private static final long UNSYNCED_BYTES_MAX = 4 << 20;
    private static final long UNSYNCED_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);

    private final Attempt attempt;
    private final FrameSealer sealer = new FrameSealer();
    private final Encoder plain = new Encoder(1 << 16);
    private final PackDirectory directory = new PackDirectory();
    private @Nullable Pack pack;
    private long unsynced;
    private long syncedNanos;
    private long blocksUnsynced;
    private @Nullable ChunkId lastUnsynced;
    private boolean closed;

    /** The pack in hand. */
    private static final class Pack {
        final String name;
        final int number;
        final SecretKeySpec key;
        final BlobStore.Upload upload;
        long size;

        Pack(String name, int number, SecretKeySpec key, BlobStore.Upload upload, long size) {
            this.name = name;
            this.number = number;
            this.key = key;
            this.upload = upload;
            this.size = size;
        }
    }

    PackWriter(Attempt attempt) {
        this.attempt = attempt;
    }

    /**
     * Writes chunks as one frame.
     *
     * @param chunks 1 to {@link #CHUNKS_MAX}, all within the bytes given; their offsets count from {@code offset}
     * @param length at most {@link #BYTES_MAX}
     * @return bytes added to the repository
     * @throws TransferException FENCED when a newer attempt has taken the session over
     */
    public long data(List<ChunkRef> chunks, byte[] bytes, int offset, int length) throws TransferException {
        requireRoom(chunks, length, BYTES_MAX);
        return chunkFrame(Frames.DATA, chunks, bytes, offset, length);
    }

    /** As {@link #data}, for chunks of metadata; at most {@link #PAGE_MAX} bytes. */
    public long pages(List<ChunkRef> chunks, byte[] bytes, int offset, int length) throws TransferException {
        requireRoom(chunks, length, PAGE_MAX);
        return chunkFrame(Frames.PAGE, chunks, bytes, offset, length);
    }

    private static void requireRoom(List<ChunkRef> chunks, int length, int max) {
        if (chunks.isEmpty() || chunks.size() > CHUNKS_MAX || length > max) {
            throw new IllegalArgumentException(chunks.size() + " chunks of " + length + " bytes in one frame");
        }
    }

    private long chunkFrame(byte type, List<ChunkRef> chunks, byte[] bytes, int offset, int length)
            throws TransferException {
        plain.clear().int32(chunks.size());
        for (ChunkRef chunk : chunks) {
            java.util.Objects.checkFromIndexSize(chunk.offset(), chunk.length(), length);
            plain.id(chunk.id()).int32(chunk.offset()).int32(chunk.length());
        }
        plain.raw(bytes, offset, length);
        Pack current = open();
        FrameHeader header = append(current, type, chunks.size());
        Encoder entry = directory.add(header);
        for (int i = 0; i < chunks.size(); i++) {
            ChunkId id = chunks.get(i).id();
            entry.id(id);
            attempt.wrote(id, Location.of(current.number, header.offset(), i));
        }
        if (type == Frames.DATA) {
            blocksUnsynced++;
            lastUnsynced = chunks.getLast().id();
        }
        settle(current);
        return header.total();
    }

    /** Writes that something is finished; later attempts find it by its key. Must follow the chunks it names. */
    public void record(byte[] key16, byte[] payload) throws TransferException {
        plain.clear().raw(requireKey(key16)).int32(0).raw(payload); // It takes the place of no other key.
        Pack current = open();
        directory.add(append(current, Frames.PROGRESS, 1)).raw(key16);
        settle(current);
    }

    private static byte[] requireKey(byte[] key) {
        if (key.length != Frames.RECORD_KEY) {
            throw new IllegalArgumentException("a record key has 16 bytes, not " + key.length);
        }
        return key;
    }

    /** Returns when everything written is on the disk. */
    public void sync() throws TransferException {
        Pack current = pack;
        if (current != null && unsynced > 0) {
            try {
                current.upload.sync();
            } catch (IOException failed) {
                throw trouble("sync", current, failed);
            }
            settled();
            requireOwner();
        }
    }

    /** Syncs and publishes the pack in hand, if it holds anything; the next frame starts another. */
    public void publish() throws TransferException {
        Pack current = pack;
        if (current == null) {
            return;
        }
        requireOwner();
        try {
            int end = seal(current, directory.encoded(), Frames.END, directory.frames());
            Encoder trailer = trailer(current.size - end, end);
            current.upload.append(trailer.array(), 0, trailer.length());
            Failpoint.hit("publish-before");
            current.upload.publish();
            Failpoint.hit("publish-after");
        } catch (IOException failed) {
            throw trouble("publish", current, failed);
        }
        settled();
        attempt.published(current.name, current.size + Frames.TRAILER, directory.toBytes());
        directory.clear();
        pack = null;
    }

    static Encoder trailer(long offset, int length) {
        Encoder trailer =
                new Encoder(Frames.TRAILER).int32((int) offset).int32(length).int32(Frames.TRAILER_MAGIC);
        return trailer.int32(Frames.crc(trailer.array(), 0, trailer.length()));
    }

    private Pack open() throws TransferException {
        if (closed) {
            throw new IllegalStateException("the writer is closed");
        }
        Pack current = pack;
        if (current == null) {
            String name = attempt.nextPackName();
            try {
                current = new Pack(
                        name,
                        attempt.repository().catalog().number(name),
                        attempt.repository().keys().pack(name),
                        attempt.repository().store().upload(name),
                        0);
            } catch (IOException failed) {
                throw Trouble.of("create", attempt.repository().store().locationOf(name), failed);
            }
            pack = current;
            syncedNanos = System.nanoTime();
        }
        return current;
    }

    /** Seals and appends what is in {@link #plain}. */
    private FrameHeader append(Pack current, byte type, int members) throws TransferException {
        Failpoint.hit("append-before");
        long offset = current.size;
        long sequence = attempt.nextSequence();
        try {
            int total = seal(current, plain, type, members, sequence);
            Failpoint.hit("append-after");
            return new FrameHeader(
                    type, 0, members, attempt.epoch(), sequence, plain.length(), total - Frames.OVERHEAD, offset);
        } catch (IOException failed) {
            throw trouble("append to", current, failed);
        }
    }

    private int seal(Pack current, Encoder from, byte type, int members) throws IOException {
        return seal(current, from, type, members, attempt.nextSequence());
    }

    private int seal(Pack current, Encoder from, byte type, int members, long sequence) throws IOException {
        int total = sealer.seal(current.key, type, members, attempt.epoch(), sequence, current.size, from);
        current.upload.append(sealer.frame(), 0, total);
        current.size += total;
        unsynced += total;
        return total;
    }

    private void settle(Pack current) throws TransferException {
        if (current.size >= PACK_BYTES || directory.encoded().length() >= DIRECTORY_BYTES) {
            publish();
        } else if (unsynced >= UNSYNCED_BYTES_MAX || System.nanoTime() - syncedNanos >= UNSYNCED_NANOS_MAX) {
            sync();
        }
    }

    private void settled() {
        unsynced = 0;
        syncedNanos = System.nanoTime();
        attempt.durable(blocksUnsynced, lastUnsynced);
        blocksUnsynced = 0;
        lastUnsynced = null;
    }

    /** A fenced writer lets go at once, so that the newer attempt can adopt its pack. */
    private void requireOwner() throws TransferException {
        try {
            attempt.requireOwner();
        } catch (TransferException fenced) {
            close();
            throw fenced;
        }
    }

    private TransferException trouble(String attempted, Pack current, IOException failed) {
        close();
        return Trouble.of(attempted, attempt.repository().store().locationOf(current.name), failed);
    }

    /** Lets go of the pack in hand without publishing it: the next attempt adopts it. Must not run beside a write. */
    @Override
    public void close() {
        closed = true;
        Pack current = pack;
        pack = null;
        if (current != null) {
            try {
                current.upload.close();
            } catch (IOException ignored) {
                // What was written is with the kernel; there is nothing to lose by closing.
            }
        }
        sealer.close();
    }
}
