package dev.holdfast.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One transfer from request to reported outcome: all that must survive a restart. Immutable; a new one replaces it.
 *
 * @param token transfer session token, null until the repository has given one, and again once it has forgotten it
 * @param progress last known progress; what was sent is of {@code current} alone
 * @param earlier sums over the attempts before this one
 * @param updated when this record last changed in any way
 * @param deadline when it is given up, null if never
 * @param history the last {@value #HISTORY_MAX} transitions, oldest first
 * @param recovered what the last recovery made of it, null if it never went through one
 */
public record Session(
        SessionId id,
        SessionRequest request,
        SessionState state,
        Attempt current,
        @Nullable String token,
        Progress progress,
        Totals earlier,
        Instant created,
        Instant updated,
        @Nullable Instant deadline,
        List<Transition> history,
        @Nullable RecoveryOutcome recovered) {
    /** Transitions kept. */
    public static final int HISTORY_MAX = 50;

    public Session {
        history = List.copyOf(history);
    }

    static Session accepted(SessionId id, SessionRequest request, @Nullable Instant deadline, Instant now) {
        return new Session(
                id,
                request,
                new SessionState.Accepted(now),
                Attempt.NONE,
                null,
                Progress.none(now),
                Totals.ZERO,
                now,
                now,
                deadline,
                List.of(),
                null);
    }

    /** Number of the current attempt, from 1; 0 before the first. */
    public int generation() {
        return current.generation();
    }

    /** How the current attempt began: FRESH, RESUMED, RESUMED_EARLIER, RESTARTED; null until known. */
    public @Nullable String start() {
        return current.start();
    }

    /** Epoch of the current attempt in the repository, 0 until known. */
    public long epoch() {
        return current.epoch();
    }

    /** Sums over all attempts, this one included. */
    public Totals totals() {
        return earlier.plus(progress);
    }

    /** The process that works for it, or did when last seen. */
    public Optional<MoverHandle> mover() {
        return switch (state) {
            case SessionState.Running running -> Optional.of(running.mover());
            case SessionState.Suspect suspect -> Optional.of(suspect.mover());
            case SessionState.Canceling canceling -> Optional.ofNullable(canceling.mover());
            case SessionState.Accepted _,
                    SessionState.Prepared _,
                    SessionState.Launching _,
                    SessionState.Interrupted _,
                    SessionState.Ended _ -> Optional.empty();
        };
    }

    /** Set once ended. */
    public Optional<Outcome> outcome() {
        return state instanceof SessionState.Ended ended ? Optional.of(ended.outcome()) : Optional.empty();
    }

    /** When it will be tried again; only while interrupted. */
    public Optional<Instant> retryAt() {
        return state instanceof SessionState.Interrupted interrupted
                ? Optional.of(interrupted.retryAt())
                : Optional.empty();
    }

    /** Why it is not running as it should, or why it failed. */
    public Optional<Failure> failure() {
        return switch (state) {
            case SessionState.Suspect suspect -> Optional.of(suspect.why());
            case SessionState.Interrupted interrupted -> Optional.of(interrupted.why());
            case SessionState.Canceling canceling -> Optional.ofNullable(canceling.because());
            case SessionState.Ended ended ->
                ended.outcome() instanceof Outcome.Failed failed ? Optional.of(failed.failure()) : Optional.empty();
            case SessionState.Accepted _, SessionState.Prepared _, SessionState.Launching _, SessionState.Running _ ->
                Optional.empty();
        };
    }

    /** Name of the state: {@code Accepted}, {@code Running}, ... */
    public String stateName() {
        return state.getClass().getSimpleName();
    }

    Session moved(SessionEvent event, SessionState to, Instant now) {
        List<Transition> longer = new ArrayList<>(history);
        longer.add(new Transition(now, stateName(), event.name(), to.getClass().getSimpleName()));
        List<Transition> kept = longer.subList(Math.max(0, longer.size() - HISTORY_MAX), longer.size());
        return new Session(id, request, to, current, token, progress, earlier, created, now, deadline, kept, recovered);
    }

    /** The next attempt: a new secret, and what the last one did goes into the sums. */
    Session ordered(String nonce, int workers, Instant now) {
        Totals sum = totals();
        return new Session(
                id,
                request,
                state,
                current.next(nonce, workers),
                token,
                progress.resumed(now),
                sum,
                created,
                now,
                deadline,
                history,
                recovered);
    }

    /** What a mover said. A token once known stays until {@link #forgotten}. */
    Session seen(MoverStatus status, Instant now) {
        Progress told = status.progress();
        return new Session(
                id,
                request,
                state,
                current.seen(status),
                status.token() == null ? token : status.token(),
                status.beganAnew() ? told : told.notBehind(progress),
                earlier,
                created,
                now,
                deadline,
                history,
                recovered);
    }

    /** The repository no longer knows the token: the next attempt asks for a new one. */
    Session forgotten(Instant now) {
        return new Session(
                id, request, state, current, null, progress, earlier, created, now, deadline, history, recovered);
    }

    Session with(List<Warning> warnings) {
        return new Session(
                id,
                request,
                state,
                current,
                token,
                progress.with(warnings),
                earlier,
                created,
                updated,
                deadline,
                history,
                recovered);
    }

    Session with(Attempt attempt) {
        return new Session(
                id, request, state, attempt, token, progress, earlier, created, updated, deadline, history, recovered);
    }

    Session with(SessionRequest changed, Instant now) {
        return new Session(
                id, changed, state, current, token, progress, earlier, created, now, deadline, history, recovered);
    }

    Session with(RecoveryOutcome outcome) {
        return new Session(
                id, request, state, current, token, progress, earlier, created, updated, deadline, history, outcome);
    }

    /** For logs: without token and nonce. */
    @Override
    public String toString() {
        return "session " + id + " " + stateName() + " attempt " + generation();
    }

    /** This session, if it is for the same request; the rate limit may differ. */
    Session requireSame(SessionRequest asked) {
        if (!request.withBytesPerSecondMax(0).equals(asked.withBytesPerSecondMax(0))) {
            throw new SessionConflict("session " + id + " exists with another request");
        }
        return this;
    }
}
