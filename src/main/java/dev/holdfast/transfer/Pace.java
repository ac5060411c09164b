package dev.holdfast.transfer;

import java.util.function.LongSupplier;

/** Spaces source bytes by a limit that may change at any time; says how long to wait and never waits itself. */
public final class Pace {
    private static final long BURST_NANOS = 100_000_000;

    private final LongSupplier bytesPerSecondMax;
    private final LongSupplier nanoTime;

    /** When everything taken so far has been paid for; guarded by this. */
    private long paidUntil = Long.MIN_VALUE;

    public Pace(LongSupplier bytesPerSecondMax, LongSupplier nanoTime) {
        this.bytesPerSecondMax = bytesPerSecondMax;
        this.nanoTime = nanoTime;
    }

    /** Takes {@code bytes} and returns the nanoseconds that the caller must wait before it takes more. */
    public synchronized long take(long bytes) {
        long limit = bytesPerSecondMax.getAsLong();
        if (limit <= 0) {
            paidUntil = Long.MIN_VALUE;
            return 0;
        }
        long now = nanoTime.getAsLong();
        long cost = (long) (bytes * 1e9 / limit);
        paidUntil = Math.max(paidUntil, now - BURST_NANOS) + cost;
        return Math.max(0, paidUntil - now);
    }

    /** Whether a limit is set at all; a waiter whose limit was lifted need not wait on. */
    public boolean limited() {
        return bytesPerSecondMax.getAsLong() > 0;
    }
}
