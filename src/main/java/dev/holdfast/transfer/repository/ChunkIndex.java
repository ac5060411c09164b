package dev.holdfast.transfer.repository;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Where chunks (or records) are: a hash table over primitive arrays, 24 bytes a slot (32 with stamps), no object per
 * entry. Keys are the first 16 bytes of an id. Thread-safe: 64 stripes, each with its own lock that guards its arrays
 * and growing alone, so growth needs little memory at a time.
 */
final class ChunkIndex {
    /** No such key. */
    static final long UNKNOWN = 0;

    /** Claimed by a writer, not yet written. */
    static final long CLAIMED = 1;

    /** Removed, as of its stamp. */
    static final long DEAD = 2;

    private static final int STRIPES = 64;
    private static final int FIRST_SLOTS = 64;

    private final Stripe[] stripes = new Stripe[STRIPES];
    private final AtomicLong size = new AtomicLong();

    ChunkIndex() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** Location, {@link #CLAIMED}, {@link #DEAD} or {@link #UNKNOWN}. */
    long find(long high, long low) {
        Stripe stripe = stripe(high);
        synchronized (stripe) {
            return stripe.locations[stripe.slot(high, low)];
        }
    }

    /** True when the key was unknown and is claimed now. */
    boolean claim(long high, long low) {
        Stripe stripe = stripe(high);
        synchronized (stripe) {
            int slot = stripe.slot(high, low);
            if (stripe.locations[slot] > DEAD || stripe.locations[slot] == CLAIMED) {
                return false;
            }
            set(stripe, slot, high, low, CLAIMED);
            return true;
        }
    }

    /** Keeps a location that is already known. */
    void putIfUnknown(long high, long low, long location) {
        Stripe stripe = stripe(high);
        synchronized (stripe) {
            int slot = stripe.slot(high, low);
            if (stripe.locations[slot] <= DEAD) {
                set(stripe, slot, high, low, location);
            }
        }
    }

    /** Of several locations for a key the one with the highest stamp stays, in whichever order they come. */
    void putNewest(long high, long low, long location, long stamp) {
        Stripe stripe = stripe(high);
        synchronized (stripe) {
            int slot = stripe.slot(high, low);
            if (stripe.stamps.length == 0) {
                stripe.stamps = new long[stripe.locations.length];
            }
            if (stripe.locations[slot] == UNKNOWN || stripe.stamps[slot] < stamp) {
                stripe.stamps[slot] = stamp;
                set(stripe, slot, high, low, location);
            }
        }
    }

    /** Forgets a key, provided it is at this place. */
    void removeAt(long high, long low, long location) {
        Stripe stripe = stripe(high);
        synchronized (stripe) {
            int slot = stripe.slot(high, low);
            if (stripe.locations[slot] == location) {
                stripe.locations[slot] = DEAD;
            }
        }
    }

    /** Keys ever seen. */
    long size() {
        return size.get();
    }

    private void set(Stripe stripe, int slot, long high, long low, long location) {
        if (stripe.locations[slot] == UNKNOWN) {
            size.incrementAndGet();
        }
        stripe.set(slot, high, low, location);
    }

    private Stripe stripe(long high) {
        return stripes[(int) (high >>> 58)];
    }

    private static final class Stripe {
        private long[] keys = new long[2 * FIRST_SLOTS];
        private long[] locations = new long[FIRST_SLOTS];
        private long[] stamps = new long[0];
        private int used;

        /** The slot of the key, or the free one where it belongs. */
        private int slot(long high, long low) {
            int mask = locations.length - 1;
            int slot = (int) (high ^ (low * 0x9E3779B97F4A7C15L >>> 32)) & mask;
            while (locations[slot] != UNKNOWN && (keys[2 * slot] != high || keys[2 * slot + 1] != low)) {
                slot = (slot + 1) & mask;
            }
            return slot;
        }

        private void set(int slot, long high, long low, long location) {
            boolean fresh = locations[slot] == UNKNOWN;
            keys[2 * slot] = high;
            keys[2 * slot + 1] = low;
            locations[slot] = location;
            if (fresh && ++used > locations.length / 4 * 3) {
                grow();
            }
        }

        private void grow() {
            long[] oldKeys = keys;
            long[] oldLocations = locations;
            long[] oldStamps = stamps;
            keys = new long[oldKeys.length * 2];
            locations = new long[oldLocations.length * 2];
            stamps = oldStamps.length == 0 ? oldStamps : new long[locations.length];
            for (int i = 0; i < oldLocations.length; i++) {
                if (oldLocations[i] != UNKNOWN) {
                    int slot = slot(oldKeys[2 * i], oldKeys[2 * i + 1]);
                    keys[2 * slot] = oldKeys[2 * i];
                    keys[2 * slot + 1] = oldKeys[2 * i + 1];
                    locations[slot] = oldLocations[i];
                    if (oldStamps.length > 0) {
                        stamps[slot] = oldStamps[i];
                    }
                }
            }
        }
    }
}
