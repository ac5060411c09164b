package dev.holdfast.session;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What one recovery did, one entry for each session file that was found. */
public record RecoveryReport(Instant at, Duration took, List<Recovered> sessions) {
    /**
     * @param id of the session, or the file's name if it could not be read
     * @param pid of the reattached mover, else 0
     * @param note for people; empty if there is nothing to say
     */
    public record Recovered(String id, RecoveryOutcome outcome, long pid, long millis, String note) {}

    public RecoveryReport {
        sessions = List.copyOf(sessions);
    }

    public long count(RecoveryOutcome outcome) {
        return sessions.stream().filter(one -> one.outcome() == outcome).count();
    }
}
