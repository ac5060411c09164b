package dev.holdfast.session;

import dev.holdfast.linux.Reason;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Removes what is left of an ended session's mover. What cannot be removed stays for a later try, and is said once. */
final class CleanUp {
    private final Movers movers;
    private final SessionLog log;

    CleanUp(Movers movers, SessionLog log) {
        this.movers = movers;
        this.log = log;
    }

    /** Whether nothing is left. */
    boolean of(Lane lane) {
        @Nullable String why = null;
        try {
            movers.forget(lane.session.id());
        } catch (UncheckedIOException e) {
            why = Reason.of(Objects.requireNonNull(e.getCause()));
            log.leftBehind(lane.session, why, !lane.leftBehind);
        }
        lane.leftBehind = why != null;
        return !lane.leftBehind;
    }
}
