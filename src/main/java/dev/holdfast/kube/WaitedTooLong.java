package dev.holdfast.kube;

import java.io.IOException;
import java.time.Duration;

/** A request was not sent, because its turn did not come in time. */
public final class WaitedTooLong extends IOException {
    private static final long serialVersionUID = 1;

    private WaitedTooLong(String message) {
        super(message);
    }

    /** No token came in time. */
    static WaitedTooLong token(Lane lane, Duration waited) {
        return new WaitedTooLong("waited " + waited.toMillis() + " ms for a turn in lane " + lane
                + ": the request budget is too small for what is asked; see `holdfast kube advise`");
    }

    /** Those that were sent before have not come back. */
    static WaitedTooLong place(Lane lane, Duration waited) {
        return new WaitedTooLong("waited " + waited.toMillis() + " ms for a place in lane " + lane
                + ": the API server answers too slowly, or holdfast.kube.in-flight-max is too small for it");
    }

    /** The queue is full. */
    static WaitedTooLong crowd(Lane lane, int waiting) {
        return new WaitedTooLong(waiting + " requests wait already, no room in lane " + lane
                + ": the request budget is too small for what is asked; see `holdfast kube advise`");
    }

    /** The agent gave no token, and said why. */
    static WaitedTooLong refused(Lane lane, String why) {
        return new WaitedTooLong("no turn in lane " + lane + " from the agent: " + why);
    }
}
