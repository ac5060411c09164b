package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.DataFormatException;
import javax.crypto.AEADBadTagException;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Opens frames and directories of packs. Not thread-safe: one per thread. */
final class PackReader implements Closeable {
    private static final byte[] NOTHING = new byte[0];
    private static final int STEP = 64 << 10;

    /** Bytes of a pack, or of one that was never finished. */
    interface Source {
        void read(long offset, byte[] into, int length) throws IOException;
    }

    /**
     * Room for one frame that proved intact, which may be used again for the next one: megabytes that are made anew for
     * each frame cost a restore a third of its time.
     */
    static final class Frame {
        private @Nullable FrameHeader header;
        private byte[] plain = NOTHING;

        /** Of the frame that was read. */
        FrameHeader header() {
            return Objects.requireNonNull(header, "nothing was read");
        }

        /** The plaintext, and what happens to lie behind it. */
        byte[] plain() {
            return plain;
        }

        /** Where a member of a chunk frame lies in the plaintext: {offset, length}. */
        int[] member(int member) throws IOException {
            try {
                ByteBuffer table = Encoder.decoder(plain).limit(header().raw());
                int count = table.getInt(0);
                int line = 4 + member * Frames.MEMBER + ChunkId.LENGTH;
                int offset = 4 + count * Frames.MEMBER + table.getInt(line);
                int length = table.getInt(line + 4);
                if (member < count && length >= 0 && offset >= 0 && offset + length <= header().raw()) {
                    return new int[] {offset, length};
                }
            } catch (BufferUnderflowException | IndexOutOfBoundsException shorter) {
                throw new IOException("its member table is cut", shorter);
            }
            throw new IOException("its member table points outside");
        }

        /** The payload of a P frame. */
        byte[] payload() {
            int start = Frames.RECORD_KEY * header().members() + 4;
            return Arrays.copyOfRange(plain, start, header().raw());
        }

        private byte[] content() {
            return Arrays.copyOf(plain, header().raw());
        }
    }

    /**
     * What a walk from the start found.
     *
     * @param good where the last intact frame ends
     * @param bad intact headers with damage behind them, before {@code good}
     */
    record Scan(PackDirectory directory, long good, int bad) {}

    private final BlobStore store;
    private final Keys keys;
    private final Gcm gcm = new Gcm();
    private final byte[] head = new byte[Frames.HEADER];
    private byte[] sealed = NOTHING;
    private final Compression compression = new Compression();
    private String keyName = "";
    private @Nullable SecretKeySpec key;

    PackReader(BlobStore store, Keys keys) {
        this.store = store;
        this.keys = keys;
    }

    /** The frame at this place; REPOSITORY_DAMAGED naming pack and offset unless every bit is as it was sealed. */
    void read(String pack, long offset, Frame frame) throws TransferException {
        String object = place(pack, offset);
        Source source = (at, into, length) -> store.read(pack, at, into, length);
        frame.header = null;
        try {
            source.read(offset, head, head.length);
            FrameHeader header = FrameHeader.parse(head, offset, object);
            if (header == null) {
                throw Trouble.damaged(object, "its header is not intact", null);
            }
            if (header.stored() + Gcm.TAG > sealed.length && offset + header.total() > store.size(pack)) {
                throw Trouble.damaged(object, "it is too short", null);
            }
            open(pack, header, source, frame);
        } catch (DataFormatException bad) {
            throw Trouble.damaged(object, "its content is not intact", bad);
        } catch (IOException failed) {
            throw Trouble.of("read", object, failed);
        }
    }

    /**
     * What is behind {@link #head}. A header proves nothing until the tag does: until then it costs no more memory than
     * there is of the pack, which the caller has looked at.
     */
    private void open(String pack, FrameHeader header, Source source, Frame frame)
            throws IOException, DataFormatException {
        frame.header = null;
        int length = header.stored() + Gcm.TAG;
        sealed = room(sealed, length);
        source.read(header.offset() + Frames.HEADER, sealed, length);
        try {
            if ((header.flags() & Frames.FLAG_ZSTD) != 0) {
                gcm.open(keyOf(pack), header.nonce(), head, Frames.HEADER, sealed, 0, length, sealed);
                frame.plain = room(frame.plain, header.raw());
                compression.decompress(sealed, header.stored(), frame.plain, header.raw());
            } else {
                frame.plain = room(frame.plain, header.stored());
                gcm.open(keyOf(pack), header.nonce(), head, Frames.HEADER, sealed, 0, length, frame.plain);
                if (header.stored() != header.raw()) {
                    throw new IOException("plaintext of " + header.stored() + " bytes instead of " + header.raw());
                }
            }
        } catch (AEADBadTagException | IOException bad) {
            throw (DataFormatException) new DataFormatException(bad.getMessage()).initCause(bad);
        }
        frame.header = header;
    }

    /** Room for what is about as large as the one before; a much larger one is given up. Grows in steps. */
    private static byte[] room(byte[] bytes, int length) {
        if (bytes.length >= length && bytes.length <= 4L * length + STEP) {
            return bytes;
        }
        int step = length < STEP ? STEP / 16 : STEP;
        return new byte[(length + step - 1) / step * step];
    }

    /** The directory of a published pack: of its end frame, or if that is damaged, of a walk through the frames. */
    byte[] directory(String pack) throws TransferException {
        byte[] stored = storedDirectory(pack);
        return stored != null ? stored : scan(pack).directory().toBytes();
    }

    /** What the end frame says; null when it is damaged. */
    byte @Nullable [] storedDirectory(String pack) throws TransferException {
        try {
            long size = store.size(pack);
            byte[] trailer = new byte[Frames.TRAILER];
            if (size >= Frames.TRAILER) {
                store.read(pack, size - Frames.TRAILER, trailer, Frames.TRAILER);
            }
            int offset = (int) Encoder.INT.get(trailer, 0);
            int length = (int) Encoder.INT.get(trailer, 4);
            if ((int) Encoder.INT.get(trailer, 8) != Frames.TRAILER_MAGIC
                    || (int) Encoder.INT.get(trailer, 12) != Frames.crc(trailer, 0, 12)
                    || (long) offset + length + Frames.TRAILER != size) {
                return null;
            }
            Frame end = new Frame();
            read(pack, offset, end);
            return end.header().type() == Frames.END ? end.content() : null;
        } catch (IOException failed) {
            throw Trouble.of("read", store.locationOf(pack), failed);
        } catch (TransferException damaged) {
            Trouble.requireDamage(damaged);
            return null;
        }
    }

    /** Walks through a published pack. */
    Scan scan(String pack) throws TransferException {
        try {
            return scan(pack, store.size(pack), (at, into, length) -> store.read(pack, at, into, length));
        } catch (IOException failed) {
            throw Trouble.of("read", store.locationOf(pack), failed);
        }
    }

    /** Walks through frames from the start until a header is not intact or reaches beyond the end; skips end frames. */
    Scan scan(String pack, long size, Source source) throws TransferException, IOException {
        PackDirectory directory = new PackDirectory();
        Frame frame = new Frame();
        long good = 0;
        int bad = 0;
        int badSince = 0;
        long at = 0;
        while (size - at >= Frames.OVERHEAD) {
            source.read(at, head, head.length);
            FrameHeader header = FrameHeader.parse(head, at, place(pack, at));
            if (header == null || header.total() > size - at || header.type() == Frames.END) {
                break;
            }
            try {
                open(pack, header, source, frame);
                describe(directory, header, frame.plain());
                good = at + header.total();
                bad += badSince;
                badSince = 0;
            } catch (DataFormatException damaged) {
                badSince++;
            }
            at += header.total();
        }
        return new Scan(directory, good, bad);
    }

    /** Frames of types this version does not know are left out. */
    private static void describe(PackDirectory directory, FrameHeader header, byte[] plain) throws DataFormatException {
        boolean chunks = Frames.holdsChunks(header.type());
        int line = chunks ? Frames.MEMBER : header.type() == Frames.PROGRESS ? Frames.RECORD_KEY : 0;
        if (line > 0 && 4 + (long) header.members() * line > header.raw()) {
            throw new DataFormatException("its table is cut");
        }
        if (chunks) {
            Encoder entry = directory.add(header);
            for (int i = 0; i < header.members(); i++) {
                entry.raw(plain, 4 + i * Frames.MEMBER, ChunkId.LENGTH);
            }
        } else if (header.type() == Frames.PROGRESS) {
            Encoder entry = directory.add(header).raw(plain, 0, Frames.RECORD_KEY);
            entry.raw(plain, Frames.RECORD_KEY + 4, (header.members() - 1) * Frames.RECORD_KEY);
        }
    }

    String place(String pack, long offset) {
        return store.locationOf(pack) + " at byte " + offset;
    }

    private SecretKeySpec keyOf(String pack) {
        SecretKeySpec current = key;
        if (current == null || !keyName.equals(pack)) {
            current = keys.pack(pack);
            key = current;
            keyName = pack;
        }
        return current;
    }

    @Override
    public void close() {
        compression.close();
        sealed = NOTHING;
    }
}
