package dev.holdfast.plugin;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** How often a plugin may be started again: at most {@code max} times within {@code window}. Knows no clock. */
final class RestartBudget {
    private final int max;
    private final Duration window;
    private final Deque<Instant> spent = new ArrayDeque<>();

    RestartBudget(int max, Duration window) {
        this.max = max;
        this.window = window;
    }

    /** Takes one restart; false if there is none left. */
    boolean spend(Instant now) {
        while (!spent.isEmpty() && !spent.getFirst().plus(window).isAfter(now)) {
            spent.removeFirst();
        }
        if (spent.size() >= max) {
            return false;
        }
        spent.addLast(now);
        return true;
    }

    @Override
    public String toString() {
        return max + " restarts in " + window.toMinutes() + " min";
    }
}
