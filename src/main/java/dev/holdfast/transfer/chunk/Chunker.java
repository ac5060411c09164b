package dev.holdfast.transfer.chunk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/**
 * Finds the boundaries of chunks by FastCDC: a rolling hash over the last 64 bytes decides, so a boundary depends on
 * nothing but the bytes before it. Two thresholds draw the lengths towards the average. Immutable; one instance serves
 * any number of threads.
 */
public final class Chunker {
    /** No chunk is shorter, except the last one of a stream. */
    public static final int MIN = 128 << 10;

    /** The mean length of chunks of data without structure. */
    public static final int AVERAGE = 512 << 10;

    /** No chunk is longer. */
    public static final int MAX = 2 << 20;

    /** Up to here boundaries are rare, from here on frequent; chosen so that the mean is {@link #AVERAGE}. */
    private static final int TURN = 420 << 10;

    private static final long RARE = -1L << 64 - 21;
    private static final long FREQUENT = -1L << 64 - 17;
    private static final int SYMBOLS = 256;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long[] gear;

    /** @param seed decides where boundaries are; secret seeds keep lengths from telling what the content is */
    public Chunker(byte[] seed) {
        gear = new long[SYMBOLS];
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int i = 0; i < SYMBOLS; i++) {
                digest.update(seed);
                gear[i] = (long) LONG.get(digest.digest(new byte[] {(byte) i}), 0);
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /**
     * Length of the chunk that begins at {@code offset}. Give {@link #MAX} bytes unless the stream ends before: a chunk
     * is cut at the end of what is given.
     *
     * @return 1 to {@code length}; 0 when {@code length} is 0
     */
    public int cut(byte[] buffer, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (length <= MIN) {
            return length;
        }
        int end = offset + Math.min(length, MAX);
        int turn = Math.min(offset + TURN, end);
        long[] table = gear;
        long hash = 0;
        int at = offset + MIN;
        for (; at < turn; at++) {
            hash = (hash << 1) + table[buffer[at] & 0xff];
            if ((hash & RARE) == 0) {
                return at + 1 - offset;
            }
        }
        for (; at < end; at++) {
            hash = (hash << 1) + table[buffer[at] & 0xff];
            if ((hash & FREQUENT) == 0) {
                return at + 1 - offset;
            }
        }
        return end - offset;
    }
}
