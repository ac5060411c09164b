package dev.holdfast.transfer.repository;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in a pack, frame by frame, in its stored form: the plaintext of the end frame, and the building block of
 * checkpoints and indexes. Not thread-safe.
 *
 * <pre>
 *   type 1 · zero 3 · members 4 · offset 4 · length 4 · epoch 4 · sequence 8 · D, T: id 32 each; P: key 16 each
 * </pre>
 */
final class PackDirectory {
    private static final int ENTRY = 28;

    private final Encoder encoded;
    private int frames;

    PackDirectory() {
        encoded = new Encoder(4096);
    }

    /** Adds a frame; the caller appends {@code header.members()} ids or keys to what this returns. */
    Encoder add(FrameHeader header) {
        return add(header.type(), header.members(), header.offset(), header.total(), header.epoch(), header.sequence());
    }

    Encoder add(byte type, int members, long offset, int length, long epoch, long sequence) {
        frames++;
        return encoded.int8(type)
                .int8(0)
                .int16(0)
                .int32(members)
                .int32(Math.toIntExact(offset))
                .int32(length)
                .int32((int) epoch)
                .int64(sequence);
    }

    int frames() {
        return frames;
    }

    Encoder encoded() {
        return encoded;
    }

    byte[] toBytes() {
        return encoded.toBytes();
    }

    void clear() {
        encoded.clear();
        frames = 0;
    }

    /** Decodes; throws BufferUnderflowException or IllegalArgumentException on nonsense. */
    static List<Entry> entries(byte[] directory) {
        List<Entry> entries = new ArrayList<>();
        ByteBuffer from = Encoder.decoder(directory);
        while (from.hasRemaining()) {
            byte type = from.get();
            from.position(from.position() + 3);
            int members = from.getInt();
            long offset = from.getInt();
            int length = from.getInt();
            long stamp = FrameHeader.stamp(from.getInt() & 0xFFFFFFFFL, from.getLong());
            int size = Frames.holdsChunks(type) ? ChunkId.LENGTH : Frames.RECORD_KEY;
            int at = from.position();
            from.position(Math.addExact(at, Math.multiplyExact(members, size)));
            entries.add(new Entry(type, members, offset, length, stamp, directory, at));
        }
        return entries;
    }

    /** Only the frames with chunks, without those that start at one of {@code except}; null when none is left. */
    static byte @Nullable [] chunksOnly(byte[] directory, java.util.Set<Long> except) {
        Encoder kept = new Encoder(directory.length + 16);
        for (Entry entry : entries(directory)) {
            if (Frames.holdsChunks(entry.type) && !except.contains(entry.offset)) {
                int start = entry.at - ENTRY;
                kept.raw(directory, start, ENTRY + entry.members * ChunkId.LENGTH);
            }
        }
        return kept.length() == 0 ? null : kept.toBytes();
    }

    /** One frame. */
    static final class Entry {
        final byte type;
        final int members;
        final long offset;
        final int length;
        final long stamp;
        private final byte[] source;
        private final int at;

        private Entry(byte type, int members, long offset, int length, long stamp, byte[] source, int at) {
            this.type = type;
            this.members = members;
            this.offset = offset;
            this.length = length;
            this.stamp = stamp;
            this.source = source;
            this.at = at;
        }

        ChunkId id(int member) {
            return ChunkId.at(source, at + member * ChunkId.LENGTH);
        }

        byte[] key(int member) {
            int from = at + member * Frames.RECORD_KEY;
            return java.util.Arrays.copyOfRange(source, from, from + Frames.RECORD_KEY);
        }

        /** First eight bytes of the id or key. */
        long high(int member) {
            return (long) Encoder.LONG.get(source, at + member * size());
        }

        /** Next eight bytes. */
        long low(int member) {
            return (long) Encoder.LONG.get(source, at + member * size() + 8);
        }

        private int size() {
            return Frames.holdsChunks(type) ? ChunkId.LENGTH : Frames.RECORD_KEY;
        }
    }
}
