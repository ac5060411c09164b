package dev.holdfast.transfer.repository;

import java.util.zip.CRC32C;

/** Numbers of the format; {@code docs/repository.md} explains them. */
final class Frames {
    static final int VERSION = 1;

    static final int MAGIC = 0x31464648; // "HFF1"
    static final int HEADER = 64;
    static final int OVERHEAD = HEADER + Gcm.TAG;

    static final byte DATA = 'D';
    static final byte PAGE = 'T';
    static final byte PROGRESS = 'P';
    static final byte END = 'E';

    static final int FLAG_ZSTD = 1;

    /** Bytes of one line of the member table in the plaintext of D and T. */
    static final int MEMBER = ChunkId.LENGTH + 8;

    static final int RECORD_KEY = 16;

    /** Longest plaintext a reader accepts. */
    static final int RAW_MAX = 64 << 20;

    static final int TRAILER = 16;
    static final int TRAILER_MAGIC = 0x31544648; // "HFT1"

    private Frames() {}

    static boolean holdsChunks(byte type) {
        return type == DATA || type == PAGE;
    }

    static int crc(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
