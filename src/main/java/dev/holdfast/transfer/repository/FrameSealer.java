package dev.holdfast.transfer.repository;

import java.io.Closeable;
import javax.crypto.spec.SecretKeySpec;

/** Turns plaintext into frames, with contexts and buffers that are kept. Not thread-safe: one per writer. */
final class FrameSealer implements Closeable {
    private static final int MIN_TO_COMPRESS = 128;

    private final Gcm gcm = new Gcm();
    private final Compression compression = new Compression();
    private byte[] frame = new byte[1 << 16];

    /**
     * Compresses where it saves 3 % or more, and seals.
     *
     * @return length of the frame, which is in {@link #frame} from 0 until the next call
     */
    int seal(SecretKeySpec key, byte type, int members, long epoch, long sequence, long offset, Encoder plain) {
        byte[] body = plain.array();
        int from = 0;
        int stored = plain.length();
        int flags = 0;
        if (stored >= MIN_TO_COMPRESS) {
            makeRoom(Compression.bound(stored));
            int compressed = compression.compress(body, stored, frame, Frames.HEADER);
            if (compressed <= stored - stored * 3L / 100) {
                body = frame; // It is sealed where it is.
                from = Frames.HEADER;
                stored = compressed;
                flags = Frames.FLAG_ZSTD;
            }
        }
        makeRoom(stored);
        FrameHeader header = new FrameHeader(type, flags, members, epoch, sequence, plain.length(), stored, offset);
        header.write(frame);
        gcm.seal(key, header.nonce(), frame, Frames.HEADER, body, from, stored, frame, Frames.HEADER);
        return header.total();
    }

    byte[] frame() {
        return frame;
    }

    @Override
    public void close() {
        compression.close();
    }

    /** For so many bytes to be sealed; what comes next may be a little larger. */
    private void makeRoom(int length) {
        int needed = Frames.OVERHEAD + length;
        if (frame.length < needed) {
            frame = new byte[needed + needed / 8];
        }
    }
}
