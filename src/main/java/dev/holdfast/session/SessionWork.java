package dev.holdfast.session;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Does what the machine asked for, once it is durable: the thin shell around processes and the repository. Every method
 * runs as a task of the session's lane, looks at the state as it is by then, and may be repeated.
 */
final class SessionWork {
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);
    private static final int NONCE_BYTES = 16;
    private final Sessions sessions;
    private final Movers movers;
    private final Places places;
    private final SessionSettings settings;
    private final RetryPolicy policy;
    private final CleanUp cleanUp;
    private final SecureRandom secrets = new SecureRandom();

    SessionWork(Sessions sessions, Movers movers, Places places, SessionSettings settings, RetryPolicy policy) {
        this.sessions = sessions;
        this.movers = movers;
        this.places = places;
        this.settings = settings;
        this.policy = policy;
        this.cleanUp = new CleanUp(movers, sessions.log());
    }

    void perform(Lane lane, SessionEffect effect) {
        switch (effect) {
            case SessionEffect.Prepare _ -> prepare(lane);
            case SessionEffect.Launch _ -> launch(lane);
            case SessionEffect.Watch(MoverHandle mover) -> watch(lane, mover);
            case SessionEffect.Fence(MoverHandle mover, boolean even) -> fence(lane, mover, even);
            case SessionEffect.TellCancel(MoverHandle mover) -> tellCancel(lane, mover);
            case SessionEffect.Settle _ -> settle(lane);
            case SessionEffect.AwaitRetry _ -> sessions.admitSoon();
            case SessionEffect.Forget _ -> forget(lane);
        }
    }

    /** What a state asks for when nothing else is under way; makes up for effects that a crash or a full disk ate. */
    void nudge(Lane lane) {
        switch (lane.session.state()) {
            case SessionState.Accepted _, SessionState.Interrupted _ -> sessions.admitSoon();
            case SessionState.Prepared _ -> prepare(lane);
            case SessionState.Launching _ -> settle(lane);
            case SessionState.Running _ -> validate(lane);
            case SessionState.Suspect suspect ->
                fence(lane, suspect.mover(), !suspect.why().code().equals(SessionMachine.SILENT));
            case SessionState.Canceling canceling -> {
                Instant limit = canceling.since().plus(settings.timing().silentLimit());
                if (canceling.mover() != null && sessions.now().isAfter(limit)) {
                    fence(lane, canceling.mover(), true);
                } else {
                    settle(lane);
                }
            }
            case SessionState.Ended _ -> forget(lane);
        }
    }

    /** Whether nothing is left of the mover of a session that has ended. */
    boolean forget(Lane lane) {
        return cleanUp.of(lane);
    }

    /** A place is free for another attempt: the repository is asked first, a success may have gone unseen. */
    void retry(Lane lane) {
        try {
            SessionState state = lane.session.state();
            if (state instanceof SessionState.Interrupted && !sessions.stopping() && isUnfinished(lane)) {
                order(lane);
            }
        } finally {
            lane.claimed = false;
        }
    }

    /** Whether the repository says that an interrupted session is not complete; says it nothing, it is asked later. */
    boolean isUnfinished(Lane lane) {
        Session session = lane.session;
        switch (places.look(session)) {
            case TransferProof.Proof.Completed(String snapshot) -> {
                sessions.apply(lane, new SessionEvent.TransferCompleted(snapshot), UnaryOperator.identity());
                return false;
            }
            case TransferProof.Proof.Unreachable(Failure why) -> {
                Verdict later = Verdict.unreachable(session, why, policy, sessions.now());
                sessions.apply(lane, later.event(), old -> later.on(old, sessions.now()));
                return false;
            }
            case TransferProof.Proof.TokenUnknown _ -> sessions.note(lane, old -> old.forgotten(sessions.now()));
            case TransferProof.Proof.Unfinished _ -> {}
        }
        return true;
    }

    /** Draws the conclusion from what is there, within the budget of one look. */
    void settle(Lane lane) {
        Session session = lane.session;
        switch (session.state()) {
            case SessionState.Accepted _,
                    SessionState.Prepared _,
                    SessionState.Interrupted _,
                    SessionState.Ended _ -> {}
            case SessionState.Launching _, SessionState.Running _, SessionState.Suspect _, SessionState.Canceling _ ->
                conclude(lane, examine(lane));
        }
    }

    /** Asks a running mover how far it is; a dead one is noticed by the way. */
    void poll(Lane lane) {
        if (!(lane.session.state() instanceof SessionState.Running running)) {
            return;
        }
        Instant asked = sessions.now();
        Movers.Finding finding = examine(lane);
        lane.polled = sessions.now();
        switch (finding) {
            case Movers.Finding.Alive(MoverHandle _, MoverStatus status, boolean frozen) -> {
                own(lane, running.mover(), status);
                if (frozen) {
                    lane.paused(sessions.now());
                }
                if (status.bytesPerSecondMax() >= 0 && status.bytesPerSecondMax() != bytesPerSecondMax(lane)) {
                    limit(lane);
                }
                goOn(lane, running.mover());
            }
            case Movers.Finding.Silent(MoverHandle _, Movers.Life life) -> {
                learnWritten(lane, life);
                if (lane.still(life, settings.timing().silentLimit(), asked, sessions.now())) {
                    conclude(lane, finding);
                } else {
                    goOn(lane, running.mover()); // Only slow: it has as long as one that stands still.
                }
            }
            case Movers.Finding.Finished _, Movers.Finding.Gone _, Movers.Finding.Foreign _, Movers.Finding.Unknown _ ->
                conclude(lane, finding);
        }
    }

    private void goOn(Lane lane, MoverHandle mover) {
        if (stalled(lane)) {
            suspectStalled(lane, mover);
        } else {
            sessions.writeIfDue(lane);
        }
    }

    /** Tells the mover its limit when the lane's turn comes; whether it has taken it by then. */
    boolean limitInTurn(Lane lane, Duration within) {
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        sessions.post(lane, () -> {
            try {
                taken.complete(limit(lane));
            } finally {
                taken.complete(false);
            }
        });
        try {
            return taken.get(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException _) {
            return false;
        }
    }

    /** Tells the mover its limit; false if there is none to tell, or it does not answer: then the next poll does. */
    boolean limit(Lane lane) {
        Session session = lane.session;
        Optional<MoverHandle> mover = session.mover();
        return mover.isPresent() && movers.limit(session.id(), mover.get(), bytesPerSecondMax(lane), ANSWER_WITHIN);
    }

    private static long bytesPerSecondMax(Lane lane) {
        return lane.session.request().bytesPerSecondMax();
    }

    /** For the grace window: true if the mover made its state durable. */
    boolean checkpoint(Lane lane, boolean stop, Duration within) {
        Session session = lane.session;
        Optional<MoverHandle> mover = session.mover();
        if (mover.isEmpty()) {
            return false;
        }
        MoverStatus status = movers.checkpoint(session.id(), mover.get(), stop, within);
        if (status == null) {
            return false;
        }
        learn(lane, status);
        sessions.write(lane);
        return true;
    }

    void stop(Lane lane, Duration grace) {
        Session session = lane.session;
        session.mover().ifPresent(mover -> movers.stop(session.id(), mover, grace));
    }

    private void prepare(Lane lane) {
        if (lane.session.state() instanceof SessionState.Prepared && !sessions.stopping()) {
            order(lane);
        }
    }

    private void order(Lane lane) {
        Optional<Failure> missing = places.missingSource(lane.session);
        if (missing.isPresent()) {
            sessions.apply(lane, new SessionEvent.TransferFailed(missing.get()), UnaryOperator.identity());
            return;
        }
        byte[] secret = new byte[NONCE_BYTES];
        secrets.nextBytes(secret);
        String nonce = HexFormat.of().formatHex(secret);
        int wanted = lane.session.request().workers();
        int workers = wanted > 0 ? wanted : settings.workers();
        sessions.applyIf(
                lane,
                state -> state instanceof SessionState.Prepared || state instanceof SessionState.Interrupted,
                new SessionEvent.LaunchOrdered(),
                session -> session.ordered(nonce, workers, sessions.now()));
    }

    private void launch(Lane lane) {
        Session session = lane.session;
        if (!(session.state() instanceof SessionState.Launching) || sessions.stopping()) {
            return;
        }
        Attempt attempt = session.current();
        Movers.LaunchOrder order = new Movers.LaunchOrder(
                session.id(),
                attempt.generation(),
                attempt.nonce(),
                session.request(),
                session.token(),
                attempt.workers());
        try {
            MoverHandle mover = movers.launch(order);
            lane.restartClocks(sessions.now());
            sessions.apply(lane, new SessionEvent.Launched(mover), UnaryOperator.identity());
        } catch (MoverException e) {
            Verdict verdict =
                    Verdict.lost(session, e.failure(), Verdict.oom(e.failure()), false, policy, sessions.now());
            RetryPolicy.Decision next = ((SessionEvent.MoverLost) verdict.event()).next();
            sessions.apply(
                    lane, new SessionEvent.LaunchFailed(e.failure(), next), old -> verdict.on(old, sessions.now()));
        }
    }

    private void watch(Lane lane, MoverHandle mover) {
        if (lane.watched != mover.generation()) {
            lane.watched = mover.generation();
            movers.exit(mover).whenComplete((_, _) -> sessions.post(lane, () -> settle(lane)));
        }
    }

    private void tellCancel(Lane lane, MoverHandle mover) {
        if (lane.session.state() instanceof SessionState.Canceling
                && !movers.cancel(lane.session.id(), mover, ANSWER_WITHIN)) {
            fence(lane, mover, true);
        }
    }

    private void fence(Lane lane, MoverHandle mover, boolean evenIfItAnswers) {
        Session session = lane.session;
        boolean wanted =
                session.state() instanceof SessionState.Suspect || session.state() instanceof SessionState.Canceling;
        if (!wanted) {
            return;
        }
        if (!evenIfItAnswers) {
            Instant asked = sessions.now();
            Movers.Finding finding = examine(lane);
            if (!(finding instanceof Movers.Finding.Silent(MoverHandle _, Movers.Life life))) {
                conclude(lane, finding);
                return;
            }
            learnWritten(lane, life);
            if (!lane.still(life, settings.timing().silentLimit(), asked, sessions.now()) && !stalled(lane)) {
                return; // The next round looks again.
            }
        }
        if (movers.stop(session.id(), mover, settings.timing().stopGrace())) {
            settle(lane);
        }
    }

    private void validate(Lane lane) {
        poll(lane);
        Session session = lane.session;
        Instant now = sessions.now();
        boolean due = !now.isBefore(lane.tokenSeen().plus(settings.timing().tokenCheck()));
        if (!(session.state() instanceof SessionState.Running running) || session.token() == null || !due) {
            return;
        }
        lane.tokenSeen(now);
        if (places.look(session) instanceof TransferProof.Proof.TokenUnknown) {
            Failure why = new Failure("TOKEN_UNKNOWN", "the repository no longer knows this transfer", true);
            sessions.apply(lane, new SessionEvent.MoverSuspected(running.mover(), why), old -> old.forgotten(now));
        }
    }

    private boolean stalled(Lane lane) {
        return !sessions.now().isBefore(lane.moved().plus(settings.timing().stallLimit(lane.session)));
    }

    private void suspectStalled(Lane lane, MoverHandle mover) {
        Duration limit = settings.timing().stallLimit(lane.session);
        Failure why = new Failure("STALLED", "no progress for " + limit + "; a new mover goes on", true);
        sessions.apply(lane, new SessionEvent.MoverSuspected(mover, why), UnaryOperator.identity());
    }

    private Movers.Finding examine(Lane lane) {
        Session session = lane.session;
        Movers.Finding finding = movers.examine(
                session.id(),
                session.generation(),
                session.current().nonce(),
                session.mover().orElse(null),
                settings.timing().recoveryBudget());
        if (finding instanceof Movers.Finding.Unknown(String why)) {
            sessions.log().unknown(session, why, !lane.unknown);
            lane.unknown = true;
        } else {
            lane.unknown = false;
        }
        return finding;
    }

    private void conclude(Lane lane, Movers.Finding finding) {
        if (finding instanceof Movers.Finding.Unknown || sessions.storeTrouble().isPresent()) {
            return; // Nothing follows, or what follows could not be stored: the next round looks again.
        }
        switch (finding) {
            case Movers.Finding.Alive(MoverHandle _, MoverStatus status, boolean _) -> {
                lane.heard(sessions.now());
                learn(lane, status);
            }
            case Movers.Finding.Finished(MoverResult result) -> learn(lane, result.status());
            case Movers.Finding.Gone(MoverStatus last, boolean _) -> learn(lane, last);
            case Movers.Finding.Foreign(String _, MoverStatus last) -> learn(lane, last);
            case Movers.Finding.Silent _, Movers.Finding.Unknown _ -> {}
        }
        Session session = lane.session;
        Verdict verdict =
                switch (finding) {
                    case Movers.Finding.Alive(MoverHandle mover, MoverStatus _, boolean _) ->
                        Verdict.alive(session, mover);
                    case Movers.Finding.Silent(MoverHandle mover, Movers.Life _) -> Verdict.silent(session, mover);
                    case Movers.Finding.Unknown(String why) -> throw new IllegalStateException("judged unseen: " + why);
                    case Movers.Finding.Finished _, Movers.Finding.Gone _, Movers.Finding.Foreign _ ->
                        Verdict.gone(session, finding, places.look(session), policy, sessions.now());
                };
        boolean late =
                finding instanceof Movers.Finding.Alive alive && alive.mover().generation() == lane.doubted;
        sessions.apply(lane, verdict.event(), old -> {
            Session next = verdict.on(old, sessions.now());
            return late ? next.with(RecoveryOutcome.REATTACHED) : next;
        });
    }

    private void learn(Lane lane, @Nullable MoverStatus status) {
        if (status != null) {
            lane.progressed(status.progress(), sessions.now());
            sessions.learn(lane, status);
        }
    }

    /** What a mover that does not answer has written down may be older than its last answer. */
    private void learnWritten(Lane lane, Movers.Life life) {
        MoverStatus last = life.last();
        if (last != null && last.progress().at().isAfter(lane.session.progress().at())) {
            learn(lane, last);
        }
    }

    private void own(Lane lane, MoverHandle mover, MoverStatus status) {
        lane.heard(sessions.now());
        learn(lane, status);
        if (mover.cgroup() != null && !status.ownCgroup() && lane.toldLost != mover.generation()) {
            lane.toldLost = mover.generation();
            sessions.log().troubled(lane.session, "CGROUP_LOST");
        }
    }
}
