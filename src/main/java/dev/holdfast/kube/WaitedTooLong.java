package dev.holdfast.kube;

import java.io.IOException;
import java.time.Duration;

/** A request was not sent, because its turn did not come in time. */
public final class WaitedTooLong extends IOException {
    private static final long serialVersionUID = 1;

    WaitedTooLong(Lane lane, Duration waited) {
        super("waited " + waited.toMillis() + " ms for a turn in lane " + lane
                + ": the request budget is too small for what is asked; see `holdfast kube advise`");
    }

    WaitedTooLong(Lane lane, int waiting) {
        super(waiting + " requests wait already, no room in lane " + lane
                + ": the request budget is too small for what is asked; see `holdfast kube advise`");
    }
}
