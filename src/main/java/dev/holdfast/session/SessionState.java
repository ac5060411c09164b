package dev.holdfast.session;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a session stands.
 *
 * <pre>
 *   Accepted → Prepared → Launching → Running ⇄ Interrupted → Ended(Completed | Failed | Canceled)
 *                             │          ├──► Suspect ─┘            ▲
 *                             └──────────┴──── Canceling ───────────┘
 * </pre>
 */
public sealed interface SessionState {
    /** When the session came into this state. */
    Instant since();

    /** Whether a process may be there, known or not. */
    default boolean mayHaveMover() {
        return switch (this) {
            case Launching _, Running _, Suspect _, Canceling _ -> true;
            case Accepted _, Prepared _, Interrupted _, Ended _ -> false;
        };
    }

    /** Stored, waiting for a place. A crash here loses nothing: recovery launches it. */
    record Accepted(Instant since) implements SessionState {}

    /** Has a place; what it needs on this node is being checked. No process has been asked for. */
    record Prepared(Instant since) implements SessionState {}

    /** A process of the current generation and nonce may exist from here on: examine before starting another. */
    record Launching(Instant since) implements SessionState {}

    /** A mover is alive, or was when last seen. */
    record Running(MoverHandle mover, Instant since) implements SessionState {}

    /** Alive but silent or standing still. No second mover until this one is proven gone. */
    record Suspect(MoverHandle mover, Failure why, Instant since) implements SessionState {}

    /** No live mover; to be tried again from {@code retryAt} on. */
    record Interrupted(Failure why, Instant retryAt, Instant since) implements SessionState {}

    /**
     * Being given up.
     *
     * @param mover null while it is unknown whether the launch in progress made a process
     * @param because null if a person asked for it, else the failure that the session ends with
     */
    record Canceling(@Nullable MoverHandle mover, @Nullable Failure because, Instant since) implements SessionState {}

    /** Terminal. Kept for reports until removed. */
    record Ended(Outcome outcome, Instant since) implements SessionState {}
}
