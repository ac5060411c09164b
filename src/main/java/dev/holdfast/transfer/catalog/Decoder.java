package dev.holdfast.transfer.catalog;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.ChunkId;
import java.util.Arrays;

/** Reads what {@link Encoder} wrote. Input that ends early or makes no sense is REPOSITORY_DAMAGED. */
public final class Decoder {
    private final byte[] bytes;
    private final String what;
    private int position;

    /** @param what names the input in messages */
    public Decoder(byte[] bytes, String what) {
        this.bytes = bytes;
        this.what = what;
    }

    public long number() throws TransferException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            require(1);
            byte next = bytes[position++];
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw damaged("a number without end");
    }

    /** A number from 0 to {@code max}. */
    public int count(int max) throws TransferException {
        long value = number();
        if (value < 0 || value > max) {
            throw damaged("a count of " + value + " where at most " + max + " are possible");
        }
        return (int) value;
    }

    public byte[] string() throws TransferException {
        return raw(count(bytes.length - position));
    }

    public byte[] raw(int length) throws TransferException {
        require(length);
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    public ChunkId id() throws TransferException {
        require(ChunkId.LENGTH);
        position += ChunkId.LENGTH;
        return ChunkId.at(bytes, position - ChunkId.LENGTH);
    }

    /** Bytes that are left. */
    public int remaining() {
        return bytes.length - position;
    }

    TransferException damaged(String why) {
        return new TransferException(
                TransferException.Code.REPOSITORY_DAMAGED,
                what + ": " + why + " at byte " + position + "; run \"holdfast verify\" to see what else is damaged");
    }

    private void require(int length) throws TransferException {
        if (length > bytes.length - position) {
            throw damaged("ends too early");
        }
    }
}
