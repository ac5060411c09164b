package dev.holdfast.kube;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Renews discovery after changes. The server's documents follow a definition with a delay, so each change is followed
 * by three looks; changes that come together share them. Lock: the object guards its fields.
 */
final class Renewal {
    private static final long[] AFTER_MILLIS = {150, 900, 3000};
    private final DiscoveryCache discovery;
    private final ScheduledThreadPoolExecutor timer;
    private final boolean[] planned = new boolean[AFTER_MILLIS.length];

    Renewal(DiscoveryCache discovery, ScheduledThreadPoolExecutor timer) {
        this.discovery = discovery;
        this.timer = timer;
    }

    synchronized void soon() {
        for (int i = 0; i < planned.length; i++) {
            if (!planned[i] && !timer.isShutdown()) {
                planned[i] = true;
                int look = i;
                timer.schedule(() -> look(look), AFTER_MILLIS[i], TimeUnit.MILLISECONDS);
            }
        }
    }

    private void look(int number) {
        synchronized (this) {
            planned[number] = false;
        }
        discovery.refresh();
    }
}
