package dev.holdfast.session;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What comes round by itself: places given out, retries and deadlines due, movers asked, old sessions removed. */
final class SessionRounds implements AutoCloseable {
    private static final Duration POLL_EVERY = Duration.ofSeconds(1);
    private static final Duration TURN_WITHIN = Duration.ofSeconds(10);
    private static final Duration KEEP_FOR = Duration.ofDays(7);
    private static final int KEEP_MAX = 1000;

    private final Sessions sessions;
    private final SessionWork work;
    private final SessionSettings settings;

    /** Guards the count of places while they are given out. */
    private final ReentrantLock admission = new ReentrantLock();

    private volatile boolean closed;
    private volatile long turnedNanos = System.nanoTime();
    private volatile @Nullable Thread ticker;

    SessionRounds(Sessions sessions, SessionWork work, SessionSettings settings) {
        this.sessions = sessions;
        this.work = work;
        this.settings = settings;
    }

    void start() {
        Duration tick = settings.timing().tick();
        turnedNanos = System.nanoTime();
        if (!tick.isZero()) {
            ticker = Thread.ofPlatform().name("holdfast-sessions").daemon().start(() -> {
                while (!closed) {
                    safely(this::turn);
                    LockSupport.parkNanos(tick.toNanos());
                }
            });
        }
    }

    boolean turning() {
        boolean byHand = settings.timing().tick().isZero();
        boolean fresh = System.nanoTime() - turnedNanos < TURN_WITHIN.toNanos();
        return !closed && (byHand || fresh || !sessions.recovered());
    }

    /** One round. */
    void turn() {
        Instant now = sessions.now();
        if (sessions.keeper().tryAgain(now)) {
            safely(this::revalidate); // What could not be stored is made up for.
        }
        for (Lane lane : sessions.lanes()) {
            safely(() -> look(lane, now));
            turnedNanos = System.nanoTime();
        }
        admit();
        turnedNanos = System.nanoTime();
    }

    private void look(Lane lane, Instant now) {
        Session session = lane.session;
        Instant deadline = session.deadline();
        boolean storable = sessions.storeTrouble().isEmpty();
        if (deadline != null && !now.isBefore(deadline) && mayBeGivenUp(session.state()) && storable) {
            sessions.apply(
                    lane, new SessionEvent.GivenUp(RetryPolicy.deadlinePassed(deadline)), UnaryOperator.identity());
        } else if (session.state() instanceof SessionState.Running && pollDue(lane, now)) {
            sessions.postIfIdle(lane, () -> work.poll(lane));
        } else if (session.state() instanceof SessionState.Suspect) {
            sessions.postIfIdle(lane, () -> work.nudge(lane));
        }
    }

    void revalidate() {
        for (Lane lane : sessions.lanes()) {
            if (!(lane.session.state() instanceof SessionState.Ended) || lane.leftBehind) {
                sessions.postIfIdle(lane, () -> work.nudge(lane));
            }
        }
        expire();
    }

    /** Gives free places to retries that are due, then to those who wait longest. */
    void admit() {
        if (sessions.stopping() || !sessions.recovered()) {
            return;
        }
        admission.lock();
        try {
            List<Lane> all = sessions.lanes();
            int free = settings.concurrentMax()
                    - (int) all.stream().filter(SessionRounds::hasPlace).count();
            for (Lane lane : waiting(all)) {
                if (free <= 0) {
                    return;
                }
                free--;
                safely(() -> give(lane));
            }
        } finally {
            admission.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        Thread thread = ticker;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    private void give(Lane lane) {
        if (lane.session.state() instanceof SessionState.Interrupted) {
            lane.claimed = true;
            sessions.post(lane, () -> work.retry(lane));
        } else {
            sessions.applyIf(
                    lane,
                    state -> state instanceof SessionState.Accepted,
                    new SessionEvent.Admitted(),
                    UnaryOperator.identity());
        }
    }

    private List<Lane> waiting(List<Lane> all) {
        Instant now = sessions.now();
        List<Lane> waiting = new ArrayList<>(all.stream()
                .filter(lane -> !lane.claimed
                        && lane.session.retryAt().filter(at -> !at.isAfter(now)).isPresent())
                .toList());
        all.stream()
                .filter(lane -> lane.session.state() instanceof SessionState.Accepted)
                .sorted(Comparator.comparing((Lane lane) -> lane.session.created()))
                .forEach(waiting::add);
        return waiting;
    }

    private void expire() {
        Instant limit = sessions.now().minus(KEEP_FOR);
        List<Session> ended = sessions.all().stream()
                .filter(session -> session.state() instanceof SessionState.Ended)
                .sorted(Comparator.comparing(
                                (Session session) -> session.state().since())
                        .reversed())
                .toList();
        for (int i = 0; i < ended.size(); i++) {
            Session session = ended.get(i);
            if (i >= KEEP_MAX || session.state().since().isBefore(limit)) {
                safely(() -> sessions.remove(session.id()));
            }
        }
    }

    private void safely(Runnable part) {
        try {
            part.run();
        } catch (Throwable e) {
            System.getLogger(Sessions.class.getName())
                    .log(System.Logger.Level.WARNING, "round of the sessions failed, tried again", e);
        }
    }

    private static boolean pollDue(Lane lane, Instant now) {
        return Duration.between(lane.polled, now).compareTo(POLL_EVERY) >= 0;
    }

    private static boolean mayBeGivenUp(SessionState state) {
        return !(state instanceof SessionState.Ended) && !(state instanceof SessionState.Canceling);
    }

    private static boolean hasPlace(Lane lane) {
        return switch (lane.session.state()) {
            case SessionState.Accepted _, SessionState.Ended _ -> false;
            case SessionState.Interrupted _ -> lane.claimed;
            case SessionState.Prepared _,
                    SessionState.Launching _,
                    SessionState.Running _,
                    SessionState.Suspect _,
                    SessionState.Canceling _ -> true;
        };
    }
}
