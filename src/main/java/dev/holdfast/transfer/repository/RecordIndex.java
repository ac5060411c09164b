package dev.holdfast.transfer.repository;

import java.util.Arrays;

/**
 * Where the newest record of each key is. In memory: there is one for each bundle, file over 32 KiB and region of 64
 * MiB of an unfinished session, not one for each chunk. Filled by one thread, then read by many.
 */
final class RecordIndex {
    private final ChunkTable numbers = new ChunkTable();
    private long[] locations = new long[64];
    private long[] stamps = new long[64];
    private int size;

    /** Location, {@link ChunkIndex#DEAD} when superseded, or {@link ChunkIndex#UNKNOWN}. */
    long find(long high, long low) {
        long number = numbers.get(high, low);
        return number == ChunkIndex.UNKNOWN ? ChunkIndex.UNKNOWN : locations[(int) number - 1];
    }

    /** Of several locations for a key the one with the highest stamp stays, in whichever order they come. */
    void putNewest(long high, long low, long location, long stamp) {
        int number = (int) numbers.get(high, low) - 1;
        if (number < 0) {
            number = size++;
            if (number == locations.length) {
                locations = Arrays.copyOf(locations, 2 * number);
                stamps = Arrays.copyOf(stamps, 2 * number);
            }
            numbers.put(high, low, size);
        } else if (stamps[number] >= stamp) {
            return;
        }
        locations[number] = location;
        stamps[number] = stamp;
    }
}
