package dev.holdfast.transfer.tree;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/**
 * Names of a directory, of which there may be millions: their bytes in one array, each behind its length in two bytes.
 * Not thread-safe while it is filled.
 */
final class NameList extends AbstractList<byte[]> implements RandomAccess {
    private byte[] bytes = new byte[256];
    private int[] starts = new int[16];
    private int filled;
    private int size;

    void add(byte[] from, int start, int end) {
        int length = end - start;
        if (size == starts.length) {
            starts = Arrays.copyOf(starts, 2 * size);
        }
        if (filled + 2 + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(filled + 2 + length, bytes.length + (bytes.length >> 1)));
        }
        starts[size++] = filled;
        bytes[filled] = (byte) length;
        bytes[filled + 1] = (byte) (length >> 8);
        System.arraycopy(from, start, bytes, filled + 2, length);
        filled += 2 + length;
    }

    @Override
    public byte[] get(int index) {
        int start = starts[java.util.Objects.checkIndex(index, size)];
        return Arrays.copyOfRange(bytes, start + 2, end(start));
    }

    @Override
    public int size() {
        return size;
    }

    /** In the order of their unsigned bytes. */
    NameList sorted() {
        int[] from = Arrays.copyOf(starts, size);
        int[] to = from.clone();
        sort(from, to, 0, size);
        starts = to;
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
        return Arrays.compareUnsigned(bytes, one + 2, end(one), bytes, other + 2, end(other));
    }

    private int end(int start) {
        return start + 2 + (bytes[start] & 0xFF | (bytes[start + 1] & 0xFF) << 8);
    }
}
