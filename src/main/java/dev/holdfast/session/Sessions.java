package dev.holdfast.session;

import dev.holdfast.session.RecoveryReport.Recovered;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All sessions of this node, and the one writer of them: whatever changes a session's state goes through
 * {@link #apply}, which stores the new state first, then tells, then acts. Thread-safe; {@link #recover} comes first.
 */
public final class Sessions implements AutoCloseable {
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(6);

    private final SessionStore store;
    private final StoreKeeper keeper;
    private final SessionSettings settings;
    private final InstantSource clock;
    private final SessionLog log;
    private final Executor executor;
    private final Guard guard = new Guard(this);
    private final Places places;
    private final SessionWork work;
    private final SessionRounds rounds;
    private final ConcurrentHashMap<SessionId, Lane> lanes = new ConcurrentHashMap<>();
    private volatile List<Quarantined> quarantined = List.of();
    private volatile @Nullable RecoveryReport recovery;
    private volatile boolean stopping;

    public Sessions(
            SessionStore store,
            Movers movers,
            TransferProof proof,
            SessionSettings settings,
            InstantSource clock,
            SessionObserver observer) {
        this(Surroundings.real(clock, settings.concurrentMax()), store, movers, proof, settings, observer);
    }

    Sessions(
            Surroundings surroundings,
            SessionStore store,
            Movers movers,
            TransferProof proof,
            SessionSettings settings,
            SessionObserver observer) {
        this.store = store;
        this.settings = settings;
        this.clock = surroundings.clock();
        this.log = new SessionLog(observer);
        this.keeper = new StoreKeeper(store, log);
        this.executor = surroundings.executor();
        this.places = new Places(proof, surroundings.patience());
        RetryPolicy policy = new RetryPolicy(settings.retry(), surroundings.random());
        this.work = new SessionWork(this, movers, places, settings, policy);
        this.rounds = new SessionRounds(this, work, settings);
    }

    /** Takes up what an earlier agent left, each session by itself; then sessions are taken in and looked after. */
    public RecoveryReport recover() {
        Instant at = now();
        long begun = System.nanoTime();
        SessionStore.Loaded loaded = store.loadAll();
        quarantined = loaded.quarantined();
        List<Recovered> all = new ArrayList<>();
        for (Quarantined one : loaded.quarantined()) {
            all.add(new Recovered(one.name(), RecoveryOutcome.QUARANTINED, 0, 0, one.why()));
        }
        SessionRecovery each = new SessionRecovery(this, work, places, settings);
        for (Session session : loaded.sessions()) {
            lanes.put(session.id(), new Lane(session, executor, at));
        }
        List<CompletableFuture<Recovered>> results = lanes.values().stream()
                .sorted(Comparator.comparing(lane -> !lane.session.state().mayHaveMover()))
                .map(each::begin)
                .toList();
        results.forEach(result -> all.add(result.join()));
        all.forEach(log::recovered);
        RecoveryReport report = new RecoveryReport(at, Duration.ofNanos(System.nanoTime() - begun), all);
        recovery = report;
        rounds.start();
        admitSoon();
        return report;
    }

    /** What the last recovery did; empty until it is done. */
    public Optional<RecoveryReport> lastRecovery() {
        return Optional.ofNullable(recovery);
    }

    /** Takes a transfer in under a new id. */
    public Session submit(SessionRequest request) {
        return submit(new SessionId(UUID.randomUUID().toString()), request);
    }

    /**
     * Takes a transfer in; durable when it returns. The same request again gives the session that is there.
     *
     * @throws SessionConflict if the id is taken by another request
     * @throws SessionsClosed before recovery and while the agent leaves
     */
    public Session submit(SessionId id, SessionRequest request) {
        if (recovery == null || stopping) {
            throw new SessionsClosed(stopping ? "the agent is leaving" : "recovery is not done yet");
        }
        Duration limit = settings.deadline();
        Instant now = now();
        Session fresh = Session.accepted(id, request, limit == null ? null : now.plus(limit), now);
        Lane lane = new Lane(fresh, executor, now);
        lane.lock.lock();
        try {
            Lane there = lanes.putIfAbsent(id, lane);
            while (there != null) {
                Session known = durable(there);
                if (known != null) {
                    return known.requireSame(request);
                }
                there = lanes.putIfAbsent(id, lane);
            }
            try {
                persist(lane, fresh);
            } catch (RuntimeException | Error e) {
                lanes.remove(id, lane);
                throw e;
            }
        } finally {
            lane.lock.unlock();
        }
        log.accepted(fresh);
        admitSoon();
        return lane.session;
    }

    /** The session of a lane once its first write is over; null if that failed, or it has been forgotten meanwhile. */
    private @Nullable Session durable(Lane lane) {
        lane.lock.lock();
        try {
            return lanes.get(lane.session.id()) == lane ? lane.session : null;
        } finally {
            lane.lock.unlock();
        }
    }

    public Optional<Session> find(SessionId id) {
        return Optional.ofNullable(lanes.get(id)).map(lane -> lane.session);
    }

    /** Oldest first. */
    public List<Session> all() {
        return lanes.values().stream()
                .map(lane -> lane.session)
                .sorted(Comparator.comparing(Session::created).thenComparing(Session::id))
                .toList();
    }

    /**
     * Asks for the end of it; durable when it returns, done when the state is {@code Ended}.
     *
     * @throws NoSuchElementException if there is no such session
     */
    public Session cancel(SessionId id) {
        return apply(lane(id), new SessionEvent.CancelRequested(), UnaryOperator.identity());
    }

    /**
     * Changes the rate limit; durable when it returns. A mover that does not answer now is told when it does.
     *
     * @return whether a mover has taken it already
     * @throws NoSuchElementException if there is no such session
     */
    public boolean limit(SessionId id, long bytesPerSecondMax) {
        Lane lane = lane(id);
        lane.lock.lock();
        try {
            Session old = lane(id).session;
            Session changed = old.with(old.request().withBytesPerSecondMax(bytesPerSecondMax), now());
            persist(lane, changed);
            lane.session = changed;
        } finally {
            lane.lock.unlock();
        }
        return work.limitInTurn(lane, ANSWER_WITHIN);
    }

    /**
     * Forgets an ended session when its turn comes; its id is free only when nothing is left of its mover.
     *
     * @throws SessionConflict if it has not ended
     * @throws NoSuchElementException if there is no such session
     */
    public void remove(SessionId id) {
        Lane lane = lane(id);
        if (!(lane.session.state() instanceof SessionState.Ended)) {
            throw new SessionConflict("session " + id + " has not ended; cancel it first");
        }
        post(lane, () -> {
            if (work.forget(lane)) {
                store.remove(id);
                lanes.remove(id, lane);
            }
        });
    }

    /** Checks every session against what is there; to be called every 30 s. */
    public void revalidate() {
        rounds.revalidate();
    }

    /** Asks movers how far they are, admits what is due. The ticker does this by itself. */
    void refresh() {
        rounds.turn();
    }

    /** Whether the loop that looks after sessions turns: for liveness. */
    public boolean turning() {
        return rounds.turning();
    }

    /** Why sessions cannot be stored just now, so that none is taken in; empty if they can. */
    public Optional<String> storeTrouble() {
        return keeper.trouble();
    }

    /** Session files that could not be read. */
    public List<Quarantined> quarantined() {
        return quarantined;
    }

    /** The grace window: nothing new begins, every mover makes its state durable. Returns within {@code grace}. */
    public ShutdownReport shutdown(Duration grace, MoverPolicy policy) {
        stopping = true;
        return new GraceWindow(this, work, grace, policy).run(List.copyOf(lanes.values()));
    }

    /** Stops looking after sessions and closes the store; movers live on. */
    @Override
    public void close() {
        stopping = true;
        rounds.close();
        store.close();
    }

    /** The only way from one state to another: decide, store, tell, act. */
    Session apply(Lane lane, SessionEvent event, UnaryOperator<Session> change) {
        return applyIf(lane, _ -> true, event, change);
    }

    /** Like {@link #apply}, unless the state has changed so that the event no longer fits. */
    Session applyIf(Lane lane, Predicate<SessionState> fits, SessionEvent event, UnaryOperator<Session> change) {
        Session before;
        Session after;
        SessionMachine.Step step;
        lane.lock.lock();
        try {
            before = lane.session;
            if (lanes.get(before.id()) != lane || !fits.test(before.state())) {
                return before; // Not there: it could not be stored, or has been forgotten.
            }
            step = SessionMachine.next(before.state(), event, now());
            boolean moves = !step.state().equals(before.state());
            after = moves ? change.apply(before).moved(event, step.state(), now()) : before;
            if (moves) {
                persist(lane, after);
                lane.session = after;
                log.changed(before, after, event);
            }
        } finally {
            lane.lock.unlock();
        }
        for (SessionEffect effect : step.effects()) {
            post(lane, () -> work.perform(lane, effect));
        }
        if (before.state() != after.state()) {
            admitSoon();
        }
        return after;
    }

    /** Changes what is known, not the state; in memory until the next write. */
    void note(Lane lane, UnaryOperator<Session> change) {
        lane.lock.lock();
        try {
            lane.session = change.apply(lane.session);
        } finally {
            lane.lock.unlock();
        }
    }

    /**
     * What a mover said. The first word on how an attempt began is passed on, also into what the session says of its
     * recovery; the report of the recovery, and what was counted then, stay as they were.
     */
    void learn(Lane lane, MoverStatus status) {
        String start = status.start();
        boolean news = start != null && lane.session.start() == null;
        note(lane, old -> old.seen(status, now()));
        if (news && start != null) {
            Session session = lane.session;
            log.began(session, start);
            if (session.recovered() == RecoveryOutcome.RESUMED) {
                Arrays.stream(RecoveryOutcome.values())
                        .filter(known -> known.name().equals(start))
                        .forEach(known -> note(lane, old -> old.with(known)));
            }
        }
    }

    void write(Lane lane) {
        lane.lock.lock();
        try {
            if (lanes.get(lane.session.id()) == lane) {
                persist(lane, lane.session);
            }
        } finally {
            lane.lock.unlock();
        }
    }

    void writeIfDue(Lane lane) {
        if (!now().isBefore(lane.written.plus(settings.timing().persistEvery()))) {
            write(lane);
        }
    }

    /** Runs it when its turn comes. */
    void post(Lane lane, Runnable task) {
        lane.post(guard.around(lane, task));
    }

    /** Does it only if nothing is under way: for work that is repeated anyway. */
    void postIfIdle(Lane lane, Runnable task) {
        lane.postIfIdle(guard.around(lane, task));
    }

    void admitSoon() {
        executor.execute(rounds::admit);
    }

    StoreKeeper keeper() {
        return keeper;
    }

    SessionLog log() {
        return log;
    }

    Instant now() {
        return clock.instant();
    }

    boolean stopping() {
        return stopping;
    }

    boolean recovered() {
        return recovery != null;
    }

    List<Lane> lanes() {
        return List.copyOf(lanes.values());
    }

    private Lane lane(SessionId id) {
        Lane lane = lanes.get(id);
        if (lane == null) {
            throw new NoSuchElementException("no session " + id);
        }
        return lane;
    }

    private void persist(Lane lane, Session session) {
        keeper.put(session);
        lane.written = now();
    }
}
