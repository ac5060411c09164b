package dev.holdfast.transfer;

import java.util.function.LongSupplier;

/** Spaces source bytes by a limit that may change at any time; says how long to wait and never waits itself. */
public final class Pace {
    private static final long BURST_NANOS = 100_000_000;

    private final LongSupplier bytesPerSecondMax;
    private final LongSupplier nanoTime;

    /** Bytes taken so far; this and the fields below are guarded by this. */
    private long taken;

    /** Bytes that the time gone by, at the limits it had, has paid for; at most a burst more than were taken. */
    private double served = Double.POSITIVE_INFINITY;

    private long last;

    public Pace(LongSupplier bytesPerSecondMax, LongSupplier nanoTime) {
        this.bytesPerSecondMax = bytesPerSecondMax;
        this.nanoTime = nanoTime;
        this.last = nanoTime.getAsLong();
    }

    /** Takes {@code bytes} and returns a ticket to wait with. */
    public synchronized long take(long bytes) {
        serve();
        taken += bytes;
        return taken;
    }

    /** Nanoseconds until what the ticket stands for is paid, at the limit of now: to be asked again while waiting. */
    public synchronized long nanosUntil(long ticket) {
        long limit = serve();
        return limit <= 0 || served >= ticket ? 0 : (long) Math.ceil((ticket - served) * 1e9 / limit);
    }

    private long serve() {
        long limit = bytesPerSecondMax.getAsLong();
        long now = nanoTime.getAsLong();
        served = limit <= 0
                ? Double.POSITIVE_INFINITY
                : Math.min(served + (now - last) * (limit / 1e9), taken + BURST_NANOS * (limit / 1e9));
        last = now;
        return limit;
    }
}
