package dev.holdfast.api;

import dev.holdfast.session.Quarantined;
import dev.holdfast.session.RecoveryReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What this agent's start made of the sessions it found.
 *
 * @param done false while it is going on; the lists are empty until then
 */
public record RecoveryView(
        boolean done, @Nullable Instant at, long millis, List<One> sessions, List<Unreadable> unreadable) {
    /**
     * @param outcome reattached, finished, resumed, resumed_earlier, restarted, launched, failed, quarantined, ended
     * @param pid of the mover that goes on, else 0
     */
    public record One(String id, String outcome, long pid, long millis, String note) {}

    /** A session file that could not be read; it is kept. */
    public record Unreadable(String name, String file, String why) {}

    static RecoveryView of(Optional<RecoveryReport> report, List<Quarantined> unreadable) {
        List<Unreadable> files = unreadable.stream()
                .map(it -> new Unreadable(it.name(), it.file().toString(), it.why()))
                .toList();
        return report.map(it -> new RecoveryView(
                        true,
                        it.at(),
                        it.took().toMillis(),
                        it.sessions().stream().map(RecoveryView::one).toList(),
                        files))
                .orElseGet(() -> new RecoveryView(false, null, 0, List.of(), files));
    }

    private static One one(RecoveryReport.Recovered it) {
        return new One(it.id(), SessionView.name(it.outcome()), it.pid(), it.millis(), it.note());
    }
}
