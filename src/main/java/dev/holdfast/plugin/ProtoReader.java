package dev.holdfast.plugin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads protobuf field by field: {@link #next} moves to a field, then exactly one of the others takes its value.
 * Whatever is not well-formed is an {@link IOException}, never another exception: the bytes come from a stranger.
 */
final class ProtoReader {
    /** Of one message: a stranger's two bytes can make an object of a hundred. */
    static final int FIELDS_MAX = 100_000;

    static final int VARINT = 0;
    static final int LENGTH = 2;
    private static final int FIXED64 = 1;
    private static final int FIXED32 = 5;

    private final byte[] in;
    private int at;
    private int type;
    private int fields;

    ProtoReader(byte[] in) {
        this.in = in;
    }

    /** The number of the next field, or 0 at the end. */
    int next() throws IOException {
        if (at == in.length) {
            return 0;
        }
        if (++fields > FIELDS_MAX) {
            throw new IOException("more than " + FIELDS_MAX + " fields");
        }
        long tag = varint();
        type = (int) (tag & 7);
        long field = tag >>> 3;
        if (field < 1 || field > 536_870_911) {
            throw new IOException("field number " + field + " at byte " + at);
        }
        return (int) field;
    }

    String text() throws IOException {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    byte[] bytes() throws IOException {
        require(LENGTH);
        long length = varint();
        if (length < 0 || length > in.length - at) {
            throw new IOException("a field of " + length + " bytes where " + (in.length - at) + " are left");
        }
        at += (int) length;
        return Arrays.copyOfRange(in, at - (int) length, at);
    }

    long number() throws IOException {
        require(VARINT);
        return varint();
    }

    /** Passes over a field that a newer peer has and we do not know. */
    void skip() throws IOException {
        switch (type) {
            case VARINT -> varint();
            case FIXED64 -> advance(8);
            case LENGTH -> bytes();
            case FIXED32 -> advance(4);
            default -> throw new IOException("wire type " + type + " at byte " + at);
        }
    }

    private void require(int wanted) throws IOException {
        if (type != wanted) {
            throw new IOException("wire type " + type + " at byte " + at + " instead of " + wanted);
        }
    }

    private void advance(int count) throws IOException {
        if (count > in.length - at) {
            throw new IOException("ends in the middle of a field");
        }
        at += count;
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == in.length) {
                throw new IOException("ends in the middle of a number");
            }
            byte next = in[at++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IOException("a number of more than 64 bits");
    }
}
