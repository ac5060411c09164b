package dev.holdfast.transfer.catalog;

import dev.holdfast.transfer.repository.ChunkId;
import java.util.Arrays;

/** Writes numbers of variable length (seven bits a byte, lowest first), byte strings and ids. */
public final class Encoder {
    private byte[] bytes = new byte[1024];
    private int length;

    /** Any number; small ones, also small negative ones, take few bytes. */
    public Encoder number(long value) {
        long rest = (value << 1) ^ (value >> 63);
        room(10);
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        return this;
    }

    /** Length, then the bytes. */
    public Encoder string(byte[] value) {
        number(value.length);
        return raw(value);
    }

    /** The bytes alone. */
    public Encoder raw(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    /** 32 bytes. */
    public Encoder id(ChunkId id) {
        room(ChunkId.LENGTH);
        id.copyTo(bytes, length);
        length += ChunkId.LENGTH;
        return this;
    }

    public int length() {
        return length;
    }

    /** A copy of what was written. */
    public byte[] bytes() {
        return Arrays.copyOf(bytes, length);
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
