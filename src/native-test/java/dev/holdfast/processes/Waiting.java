package dev.holdfast.processes;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for facts about other processes, never for time to pass. */
final class Waiting {
    private static final long POLL_NANOS = 20_000_000;

    private Waiting() {}

    static void until(String what, Duration within, BooleanSupplier fact) {
        forThe(what, within, () -> fact.getAsBoolean() ? Boolean.TRUE : null);
    }

    /** Returns the first answer that is not null. */
    static <T> T forThe(String what, Duration within, Supplier<@Nullable T> answer) {
        long end = System.nanoTime() + within.toNanos();
        while (true) {
            T value = answer.get();
            if (value != null) {
                return value;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("waited " + within + " in vain for: " + what);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
