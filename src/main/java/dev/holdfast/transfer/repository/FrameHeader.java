package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import org.jspecify.annotations.Nullable;

/**
 * The 64 bytes before each frame; authenticated together with it.
 *
 * @param members chunks (D, T), keys (P) or frames (E)
 * @param epoch attempt that sealed the frame; with {@code sequence} its nonce, and its age among all of the session
 * @param raw bytes of the plaintext
 * @param stored bytes of the ciphertext without tag
 * @param offset of this header in the pack: a frame that was moved is not valid
 */
record FrameHeader(byte type, int flags, int members, long epoch, long sequence, int raw, int stored, long offset) {
    static final long EPOCH_MAX = (1 << 23) - 1;
    private static final long SEQUENCE_MAX = (1L << 40) - 1;

    /** Bytes of the whole frame. */
    int total() {
        return Frames.OVERHEAD + stored;
    }

    /** Orders frames of one session by age. */
    long stamp() {
        return stamp(epoch, sequence);
    }

    static long stamp(long epoch, long sequence) {
        if (epoch > EPOCH_MAX || sequence > SEQUENCE_MAX) {
            throw new IllegalStateException("a session of more than " + EPOCH_MAX + " attempts or 2^40 frames");
        }
        return epoch << 40 | sequence;
    }

    byte[] nonce() {
        byte[] nonce = new byte[Gcm.NONCE];
        Encoder.INT.set(nonce, 0, (int) epoch);
        Encoder.LONG.set(nonce, 4, sequence);
        return nonce;
    }

    void write(byte[] to) {
        java.util.Arrays.fill(to, 0, Frames.HEADER, (byte) 0);
        Encoder.INT.set(to, 0, Frames.MAGIC);
        to[4] = Frames.VERSION;
        to[5] = type;
        Encoder.SHORT.set(to, 6, (short) flags);
        Encoder.INT.set(to, 8, (int) epoch);
        Encoder.INT.set(to, 12, members);
        Encoder.LONG.set(to, 16, sequence);
        Encoder.INT.set(to, 24, raw);
        Encoder.INT.set(to, 28, stored);
        Encoder.LONG.set(to, 32, offset);
        Encoder.INT.set(to, 60, Frames.crc(to, 0, 60));
    }

    /**
     * The header in these 64 bytes, or null when they are not one that belongs at {@code offset}.
     *
     * @throws TransferException REPOSITORY_NEWER when it is intact and of a later version
     */
    static @Nullable FrameHeader parse(byte[] from, long offset, String object) throws TransferException {
        if ((int) Encoder.INT.get(from, 0) != Frames.MAGIC
                || (int) Encoder.INT.get(from, 60) != Frames.crc(from, 0, 60)) {
            return null;
        }
        if (from[4] != Frames.VERSION) {
            throw Trouble.newer(object, from[4] & 0xFF);
        }
        FrameHeader header = new FrameHeader(
                from[5],
                (short) Encoder.SHORT.get(from, 6),
                (int) Encoder.INT.get(from, 12),
                (int) Encoder.INT.get(from, 8) & 0xFFFFFFFFL,
                (long) Encoder.LONG.get(from, 16),
                (int) Encoder.INT.get(from, 24),
                (int) Encoder.INT.get(from, 28),
                (long) Encoder.LONG.get(from, 32));
        return header.plausible(offset) ? header : null;
    }

    private boolean plausible(long expected) {
        return offset == expected
                && raw >= 0
                && raw <= Frames.RAW_MAX
                && stored >= 0
                && stored <= Frames.RAW_MAX
                && members >= 0
                && epoch <= EPOCH_MAX
                && sequence >= 0
                && sequence <= SEQUENCE_MAX;
    }
}
