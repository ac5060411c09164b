package dev.holdfast.kube;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Renews discovery after changes. The server's documents follow a definition with a delay, which is longer the busier
 * it is: so the first look comes soon after a change, shared by those that come together, and the later ones after the
 * last change. Lock: the object guards its fields.
 */
final class Renewal {
    private static final long[] AFTER_MILLIS = {150, 900, 3000, 10_000};

    private final Runnable look;
    private final ScheduledExecutorService timer;
    private final @Nullable ScheduledFuture<?>[] planned = new ScheduledFuture<?>[AFTER_MILLIS.length];

    /** @param look never blocks */
    Renewal(Runnable look, ScheduledExecutorService timer) {
        this.look = look;
        this.timer = timer;
    }

    synchronized void soon() {
        if (timer.isShutdown()) {
            return;
        }
        for (int i = 0; i < planned.length; i++) {
            ScheduledFuture<?> earlier = planned[i];
            if (earlier != null && i == 0) {
                continue;
            }
            if (earlier != null) {
                earlier.cancel(false);
            }
            int number = i;
            planned[i] = timer.schedule(() -> look(number), AFTER_MILLIS[i], TimeUnit.MILLISECONDS);
        }
    }

    private void look(int number) {
        synchronized (this) {
            planned[number] = null;
        }
        look.run();
    }
}
