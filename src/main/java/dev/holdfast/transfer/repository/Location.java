package dev.holdfast.transfer.repository;

/**
 * A place in a pack, in one long: 24 bits number of the pack, 28 bits offset of the frame, 12 bits member of the frame.
 * Pack numbers start at 1, which keeps small values free for {@link ChunkIndex}.
 */
final class Location {
    static final int PACKS_MAX = (1 << 24) - 1;
    static final int OFFSET_MAX = (1 << 28) - 1;

    private Location() {}

    static long of(int pack, long offset, int member) {
        if (pack < 1 || pack > PACKS_MAX || offset < 0 || offset > OFFSET_MAX || member < 0 || member >= 4096) {
            throw new IllegalArgumentException("place out of range: " + pack + " " + offset + " " + member);
        }
        return (long) pack << 40 | offset << 12 | member;
    }

    static int pack(long location) {
        return (int) (location >>> 40);
    }

    static long offset(long location) {
        return location >>> 12 & OFFSET_MAX;
    }

    static int member(long location) {
        return (int) (location & 4095);
    }
}
