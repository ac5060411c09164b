package dev.holdfast.transfer.repository;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Names a chunk by its content: 32 bytes, HMAC-SHA-256 of the plaintext under the key of the repository. */
public final class ChunkId {
    /** Bytes of an id wherever it is stored. */
    public static final int LENGTH = 32;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long first;
    private final long second;
    private final long third;
    private final long fourth;

    private ChunkId(long first, long second, long third, long fourth) {
        this.first = first;
        this.second = second;
        this.third = third;
        this.fourth = fourth;
    }

    /** Takes exactly 32 bytes, which are copied. */
    public static ChunkId of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a chunk id has 32 bytes, not " + bytes.length);
        }
        return at(bytes, 0);
    }

    /** Takes the 32 bytes at {@code offset}, which are copied. */
    public static ChunkId at(byte[] bytes, int offset) {
        return new ChunkId(
                (long) LONGS.get(bytes, offset),
                (long) LONGS.get(bytes, offset + 8),
                (long) LONGS.get(bytes, offset + 16),
                (long) LONGS.get(bytes, offset + 24));
    }

    /** Takes the next 32 bytes of {@code buffer}, whatever its byte order. */
    public static ChunkId read(ByteBuffer buffer) {
        byte[] bytes = new byte[LENGTH];
        buffer.get(bytes);
        return at(bytes, 0);
    }

    /** A fresh copy. */
    public byte[] bytes() {
        byte[] bytes = new byte[LENGTH];
        copyTo(bytes, 0);
        return bytes;
    }

    /** Writes the 32 bytes at {@code offset}. */
    public void copyTo(byte[] target, int offset) {
        LONGS.set(target, offset, first);
        LONGS.set(target, offset + 8, second);
        LONGS.set(target, offset + 16, third);
        LONGS.set(target, offset + 24, fourth);
    }

    /** The first eight bytes, little endian: evenly spread, for hash tables. */
    public long prefix() {
        return first;
    }

    long second() {
        return second;
    }

    /** 64 lower-case digits. */
    public String hex() {
        return HexFormat.of().formatHex(bytes());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ChunkId id
                && id.first == first
                && id.second == second
                && id.third == third
                && id.fourth == fourth;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(first);
    }

    @Override
    public String toString() {
        return hex();
    }
}
