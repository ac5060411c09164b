package dev.holdfast.transfer.tree;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Names of a directory, of which there may be millions: their bytes in blocks, each name behind its length in two
 * bytes. Nothing is copied as the list grows, but for its first block: most directories are small. Not thread-safe
 * while it is filled.
 */
final class NameList extends AbstractList<byte[]> implements RandomAccess {
    private static final int BLOCK_BITS = 16;
    private static final int BLOCK = 1 << BLOCK_BITS;

    private final List<byte[]> blocks = new ArrayList<>();
    private byte[] last = new byte[256];
    private int filled;

    /** Number of the block, then where in it. */
    private int[] places = new int[16];

    private int size;

    NameList() {
        blocks.add(last);
    }

    void add(byte[] from, int start, int end) {
        int length = end - start;
        if (size == places.length) {
            places = Arrays.copyOf(places, 2 * size);
        }
        makeRoom(2 + length);
        places[size++] = blocks.size() - 1 << BLOCK_BITS | filled;
        last[filled] = (byte) length;
        last[filled + 1] = (byte) (length >> 8);
        System.arraycopy(from, start, last, filled + 2, length);
        filled += 2 + length;
    }

    private void makeRoom(int needed) {
        if (filled + needed <= last.length) {
            return;
        }
        if (filled + needed <= BLOCK) {
            last = Arrays.copyOf(last, Math.min(BLOCK, Math.max(filled + needed, 2 * last.length)));
            blocks.set(blocks.size() - 1, last);
        } else {
            last = new byte[BLOCK];
            blocks.add(last);
            filled = 0;
        }
    }

    @Override
    public byte[] get(int index) {
        int place = places[Objects.checkIndex(index, size)];
        return Arrays.copyOfRange(block(place), start(place), end(place));
    }

    @Override
    public int size() {
        return size;
    }

    /** In the order of their unsigned bytes. */
    NameList sorted() {
        places = Arrays.copyOf(places, size);
        sort(places.clone(), places, 0, size);
        return this;
    }

    /** Merges the halves of {@code from} into {@code to}, which hold the same at the beginning. */
    private void sort(int[] from, int[] to, int low, int high) {
        if (high - low < 2) {
            return;
        }
        int middle = (low + high) >>> 1;
        sort(to, from, low, middle);
        sort(to, from, middle, high);
        int left = low;
        int right = middle;
        for (int i = low; i < high; i++) {
            boolean takeLeft = left < middle && (right >= high || compare(from[left], from[right]) <= 0);
            to[i] = takeLeft ? from[left++] : from[right++];
        }
    }

    private int compare(int one, int other) {
        return Arrays.compareUnsigned(block(one), start(one), end(one), block(other), start(other), end(other));
    }

    private byte[] block(int place) {
        return blocks.get(place >>> BLOCK_BITS);
    }

    private static int start(int place) {
        return (place & BLOCK - 1) + 2;
    }

    private int end(int place) {
        byte[] block = block(place);
        int at = place & BLOCK - 1;
        return at + 2 + (block[at] & 0xFF | (block[at + 1] & 0xFF) << 8);
    }
}
