package dev.holdfast.session;

import java.nio.file.Path;
import java.util.List;

/** Session files as agents leave them, for tests of starts with many. */
public final class ManySessions {
    private ManySessions() {}

    /** Writes {@code count} files, all states in turn. */
    public static void mixed(Path sessions, int count) {
        write(sessions, "mixed-", count, Samples.states());
    }

    /** Writes {@code count} files of ended sessions with a full history each. */
    public static void ended(Path sessions, int count) {
        write(sessions, "ended-", count, List.of(new SessionState.Ended(new Outcome.Completed("snap"), now())));
    }

    private static java.time.Instant now() {
        return java.time.Instant.now();
    }

    private static void write(Path sessions, String prefix, int count, List<SessionState> states) {
        try (SessionStore store = new MapDbSessionStore(sessions)) {
            for (int i = 0; i < count; i++) {
                Session session = Samples.session(prefix + i, states.get(i % states.size()), "token")
                        .with(
                                new SessionRequest.Backup(
                                        Path.of("/no/repository"),
                                        Path.of("/no/key"),
                                        1,
                                        0,
                                        Path.of("/no/source"),
                                        "s"),
                                now());
                for (int step = 0; step < Session.HISTORY_MAX; step++) {
                    session = session.moved(new SessionEvent.Admitted(), session.state(), now());
                }
                store.put(session);
            }
        }
    }
}
