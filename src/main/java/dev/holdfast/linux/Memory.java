package dev.holdfast.linux;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory that the kernel reads or fills, in the byte order of the machine. It goes with this object: {@link #keep} it
 * until the call is over.
 */
public final class Memory {
    /** What is in it. Positions are nobody's: use absolute ones. */
    public final ByteBuffer bytes;

    /** Where it is. */
    public final long address;

    private Memory(ByteBuffer bytes) {
        this.bytes = bytes;
        this.address = MemorySegment.ofBuffer(bytes).address();
    }

    /**
     * Zeroed memory.
     *
     * @param alignment of its address, a power of two
     */
    public static Memory allocate(int size, int alignment) {
        ByteBuffer spare = ByteBuffer.allocateDirect(size + alignment);
        return new Memory(spare.alignedSlice(alignment).slice(0, size).order(ByteOrder.nativeOrder()));
    }

    /** Keeps it from being collected before this line. */
    @SuppressWarnings("ReachabilityFenceUsage") // System calls do not throw: no finally is needed.
    public void keep() {
        Reference.reachabilityFence(bytes);
    }
}
