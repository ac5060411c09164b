package dev.holdfast.transfer.repository;

/**
 * A hash table from 16-byte keys to locations over primitive arrays: 24 bytes a slot, no object per entry. Keys are
 * hashes already, so their first bits choose the slot, and the table is almost in order of its keys. Not thread-safe.
 */
final class ChunkTable {
    private static final int FIRST_BITS = 6;

    private int bits = FIRST_BITS;
    private long[] keys = new long[2 << FIRST_BITS];
    private long[] locations = new long[1 << FIRST_BITS];
    private int size;

    /** Location, or {@link ChunkIndex#UNKNOWN}. */
    long get(long high, long low) {
        return locations[slot(high, low)];
    }

    /** @param location not {@link ChunkIndex#UNKNOWN} */
    void put(long high, long low, long location) {
        int slot = slot(high, low);
        boolean fresh = locations[slot] == ChunkIndex.UNKNOWN;
        set(slot, high, low, location);
        if (fresh && ++size > locations.length / 4 * 3) {
            grow();
        }
    }

    int size() {
        return size;
    }

    /**
     * Removes every entry with a real location and gives them out in the order of their keys as unsigned numbers: three
     * numbers each. The arrays are the table's own, to be used before it is touched again.
     */
    Sorted drain() {
        ChunkTable kept = new ChunkTable();
        int count = 0;
        for (int slot = 0; slot < locations.length; slot++) {
            long location = locations[slot];
            if (location > ChunkIndex.DEAD) {
                insert(count++, keys[2 * slot], keys[2 * slot + 1], location);
            } else if (location != ChunkIndex.UNKNOWN) {
                kept.put(keys[2 * slot], keys[2 * slot + 1], location);
            }
        }
        Sorted sorted = new Sorted(keys, locations, count);
        bits = kept.bits;
        keys = kept.keys;
        locations = kept.locations;
        size = kept.size;
        return sorted;
    }

    /** Entries in order: key {@code i} is at {@code 2 * i} and behind it. */
    @SuppressWarnings("ArrayRecordComponent")
    record Sorted(long[] keys, long[] locations, int count) {}

    /** Insertion sort: what comes is almost in order. Never writes beyond the slot that is being read. */
    private void insert(int count, long high, long low, long location) {
        int at = count;
        while (at > 0 && compare(high, low, keys[2 * at - 2], keys[2 * at - 1]) < 0) {
            set(at, keys[2 * at - 2], keys[2 * at - 1], locations[at - 1]);
            at--;
        }
        set(at, high, low, location);
    }

    static int compare(long high, long low, long otherHigh, long otherLow) {
        int order = Long.compareUnsigned(high, otherHigh);
        return order != 0 ? order : Long.compareUnsigned(low, otherLow);
    }

    private void set(int slot, long high, long low, long location) {
        keys[2 * slot] = high;
        keys[2 * slot + 1] = low;
        locations[slot] = location;
    }

    /** The slot of the key, or the free one where it belongs. */
    private int slot(long high, long low) {
        int mask = locations.length - 1;
        int slot = (int) (high >>> 64 - bits);
        while (locations[slot] != ChunkIndex.UNKNOWN && (keys[2 * slot] != high || keys[2 * slot + 1] != low)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldLocations = locations;
        bits++;
        keys = new long[2 << bits];
        locations = new long[1 << bits];
        for (int i = 0; i < oldLocations.length; i++) {
            if (oldLocations[i] != ChunkIndex.UNKNOWN) {
                set(slot(oldKeys[2 * i], oldKeys[2 * i + 1]), oldKeys[2 * i], oldKeys[2 * i + 1], oldLocations[i]);
            }
        }
    }
}
