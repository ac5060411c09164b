package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Opens frames and directories of packs. Not thread-safe: one per thread. */
final class PackReader implements Closeable {
    /** Bytes of a pack, or of one that was never finished. */
    interface Source {
        byte[] read(long offset, int length) throws IOException;
    }

    /** A frame that proved intact. */
    static final class Frame {
        private final FrameHeader header;
        private final byte[] plain;

        private Frame(FrameHeader header, byte[] plain) {
            this.header = header;
            this.plain = plain;
        }

        FrameHeader header() {
            return header;
        }

        byte[] plain() {
            return plain;
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
    private final Compression compression = new Compression();
    private String keyName = "";
    private @Nullable SecretKeySpec key;

    PackReader(BlobStore store, Keys keys) {
        this.store = store;
        this.keys = keys;
    }

    /** The frame at this place; REPOSITORY_DAMAGED naming pack and offset unless every bit is as it was sealed. */
    Frame frame(String pack, long offset) throws TransferException {
        return frame(pack, offset, (at, length) -> store.get(pack, at, length));
    }

    private Frame frame(String pack, long offset, Source source) throws TransferException {
        String object = place(pack, offset);
        try {
            byte[] head = source.read(offset, Frames.HEADER);
            FrameHeader header = FrameHeader.parse(head, offset, object);
            if (header == null) {
                throw Trouble.damaged(object, "its header is not intact", null);
            }
            byte[] sealed = source.read(offset + Frames.HEADER, header.stored() + Gcm.TAG);
            return new Frame(header, open(pack, header, head, sealed));
        } catch (AEADBadTagException bad) {
            throw Trouble.damaged(object, "its content is not intact", bad);
        } catch (IOException failed) {
            throw Trouble.of("read", object, failed);
        }
    }

    private byte[] open(String pack, FrameHeader header, byte[] head, byte[] sealed)
            throws IOException, AEADBadTagException {
        byte[] body = gcm.open(keyOf(pack), header.nonce(), head, Frames.HEADER, sealed, 0, sealed.length);
        if ((header.flags() & Frames.FLAG_ZSTD) != 0) {
            return compression.decompress(body, header.raw());
        }
        if (body.length != header.raw()) {
            throw new IOException("plaintext of " + body.length + " bytes instead of " + header.raw());
        }
        return body;
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
            byte[] trailer = size < Frames.TRAILER
                    ? new byte[Frames.TRAILER]
                    : store.get(pack, size - Frames.TRAILER, Frames.TRAILER);
            int offset = (int) Encoder.INT.get(trailer, 0);
            int length = (int) Encoder.INT.get(trailer, 4);
            if ((int) Encoder.INT.get(trailer, 8) != Frames.TRAILER_MAGIC
                    || (int) Encoder.INT.get(trailer, 12) != Frames.crc(trailer, 0, 12)
                    || (long) offset + length + Frames.TRAILER != size) {
                return null;
            }
            Frame end = frame(pack, offset);
            return end.header().type() == Frames.END ? end.plain() : null;
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
            return scan(pack, store.size(pack), (at, length) -> store.get(pack, at, length));
        } catch (IOException failed) {
            throw Trouble.of("read", store.locationOf(pack), failed);
        }
    }

    /** Walks through frames from the start until a header is not intact or reaches beyond the end; skips end frames. */
    Scan scan(String pack, long size, Source source) throws TransferException, IOException {
        PackDirectory directory = new PackDirectory();
        long good = 0;
        int bad = 0;
        int badSince = 0;
        long at = 0;
        while (size - at >= Frames.OVERHEAD) {
            byte[] head = source.read(at, Frames.HEADER);
            FrameHeader header = FrameHeader.parse(head, at, place(pack, at));
            if (header == null || header.total() > size - at || header.type() == Frames.END) {
                break;
            }
            try {
                byte[] sealed = source.read(at + Frames.HEADER, header.stored() + Gcm.TAG);
                describe(directory, header, open(pack, header, head, sealed));
                good = at + header.total();
                bad += badSince;
                badSince = 0;
            } catch (AEADBadTagException damaged) {
                badSince++;
            }
            at += header.total();
        }
        return new Scan(directory, good, bad);
    }

    /** Frames of types this version does not know are left out. */
    private static void describe(PackDirectory directory, FrameHeader header, byte[] plain) {
        if (Frames.holdsChunks(header.type())) {
            Encoder entry = directory.add(header);
            for (int i = 0; i < header.members(); i++) {
                entry.raw(plain, 4 + i * Frames.MEMBER, ChunkId.LENGTH);
            }
        } else if (header.type() == Frames.PROGRESS) {
            Encoder entry = directory.add(header).raw(plain, 0, Frames.RECORD_KEY);
            entry.raw(plain, Frames.RECORD_KEY + 4, (header.members() - 1) * Frames.RECORD_KEY);
        }
    }

    /** Where a member of a chunk frame lies in its plaintext: {offset, length}. */
    static int[] member(Frame frame, int member) throws IOException {
        try {
            ByteBuffer table = Encoder.decoder(frame.plain());
            int count = table.getInt(0);
            int line = 4 + member * Frames.MEMBER + ChunkId.LENGTH;
            int offset = 4 + count * Frames.MEMBER + table.getInt(line);
            int length = table.getInt(line + 4);
            if (member < count && length >= 0 && offset >= 0 && offset + length <= frame.plain().length) {
                return new int[] {offset, length};
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException shorter) {
            throw new IOException("its member table is cut", shorter);
        }
        throw new IOException("its member table points outside");
    }

    /** The payload of a P frame. */
    static byte[] payload(Frame frame) {
        int start = Frames.RECORD_KEY * frame.header().members() + 4;
        return Arrays.copyOfRange(frame.plain(), start, frame.plain().length);
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
    }
}
