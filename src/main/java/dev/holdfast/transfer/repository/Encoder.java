package dev.holdfast.transfer.repository;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing buffer of little-endian values. */
final class Encoder {
    static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int length;

    Encoder(int capacity) {
        bytes = new byte[capacity];
    }

    Encoder int8(int value) {
        int at = room(1);
        bytes[at] = (byte) value;
        return this;
    }

    Encoder int16(int value) {
        int at = room(2);
        SHORT.set(bytes, at, (short) value);
        return this;
    }

    Encoder int32(int value) {
        int at = room(4);
        INT.set(bytes, at, value);
        return this;
    }

    Encoder int64(long value) {
        int at = room(8);
        LONG.set(bytes, at, value);
        return this;
    }

    Encoder id(ChunkId id) {
        int at = room(ChunkId.LENGTH);
        id.copyTo(bytes, at);
        return this;
    }

    Encoder raw(byte[] source, int offset, int count) {
        int at = room(count); // First: it may replace the array.
        System.arraycopy(source, offset, bytes, at, count);
        return this;
    }

    Encoder raw(byte[] source) {
        return raw(source, 0, source.length);
    }

    /** UTF-8 behind its length in two bytes. */
    Encoder text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > 0xFFFF) {
            throw new IllegalArgumentException("text of " + utf8.length + " bytes");
        }
        return int16(utf8.length).raw(utf8);
    }

    /** Forgets the content, keeps the memory. */
    Encoder clear() {
        length = 0;
        return this;
    }

    int length() {
        return length;
    }

    /** The live buffer; valid up to {@link #length}. */
    byte[] array() {
        return bytes;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    /** Where the next bytes go. May replace {@link #bytes}: call it before that field is looked at. */
    private int room(int count) {
        int at = length;
        int needed = Math.addExact(length, count);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length * 2));
        }
        length = needed;
        return at;
    }

    static ByteBuffer decoder(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static String text(ByteBuffer from) {
        byte[] utf8 = new byte[from.getShort() & 0xFFFF];
        from.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
