package dev.holdfast.session;

import java.time.Duration;

/** Hears of what happens, for metrics and events. Called after it is durable; must be quick and must not throw. */
public interface SessionObserver {
    /** Hears nothing. */
    SessionObserver NONE = new SessionObserver() {};

    /** A session was taken in or changed its state; the transition is the last of {@code after.history()}. */
    default void changed(Session before, Session after) {}

    /** A session was stored for the first time. */
    default void submitted(Session session) {}

    /** An attempt said how it began. */
    default void began(Session session, String start) {}

    /** Recovery has dealt with one session file. */
    default void recovered(RecoveryReport.Recovered one) {}

    /** A session file was written. */
    default void written(Duration took) {}

    /** A session file could not be written, or a bug was caught. */
    default void troubled(String code) {}
}
