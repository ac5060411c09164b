package dev.holdfast.session;

import java.time.Duration;
import java.util.List;

/**
 * How the grace window went.
 *
 * @param checkpointed movers that answered with a durable checkpoint
 * @param unanswered sessions whose mover did not answer in time; the next agent looks after them
 * @param unsaved sessions whose last state could not be written in time; their last transition is on disk all the same
 */
public record ShutdownReport(Duration took, int checkpointed, List<SessionId> unanswered, List<SessionId> unsaved) {
    public ShutdownReport {
        unanswered = List.copyOf(unanswered);
        unsaved = List.copyOf(unsaved);
    }
}
