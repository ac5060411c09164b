package dev.holdfast.kube;

import dev.holdfast.config.Budget;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one budget. Starts full with {@code burst} tokens and refills at {@code qps} a second.
 *
 * <p>Who waits, waits in a queue and holds no reservation, so a change of the budget is a new plan for all of them.
 * Lanes go in their order; within a lane the accounts take turns, so that none gets more than another that wants as
 * much. An account may be limited to a part of the budget. Nothing here blocks: the timer's one thread, or whoever asks
 * next, completes the futures. Lock: the object itself guards everything.
 */
public final class TokenBucket {
    private static final int WAITING_MAX = 20_000;
    private static final double LEASE_PART = 0.05;
    private static final int LAST_LANE_EVERY = 20;
    private static final double NANOS = 1e9;

    private final LongSupplier nanos;
    private final ScheduledExecutorService timer;
    private final Map<String, Account> accounts = new LinkedHashMap<>();
    private final Map<Lane, Deque<Account>> turns = new EnumMap<>(Lane.class);
    private final Level level;
    private Budget budget;
    private int waiting;
    private long granted;
    private long alarm = Long.MAX_VALUE;
    private @Nullable ScheduledFuture<?> ringing;

    /** @param timer completes the waits; not closed by this */
    public TokenBucket(Budget budget, LongSupplier nanos, ScheduledExecutorService timer) {
        this.budget = budget;
        this.nanos = nanos;
        this.timer = timer;
        this.level = new Level(budget, nanos.getAsLong());
        for (Lane lane : Lane.values()) {
            turns.put(lane, new ArrayDeque<>());
        }
    }

    /** One that takes from the bucket. */
    public final class Account implements Tokens {
        private final String name;
        private final int percent;
        private final Level own;
        private final Map<Lane, Deque<CompletableFuture<Void>>> queues = new EnumMap<>(Lane.class);
        private long taken;

        private Account(String name, int percent) {
            this.name = name;
            this.percent = percent;
            this.own = new Level(budget.times(percent / 100.0), nanos.getAsLong());
            for (Lane lane : Lane.values()) {
                queues.put(lane, new ArrayDeque<>());
            }
        }

        @Override
        public CompletableFuture<Void> take(Lane lane, Duration within) {
            CompletableFuture<Void> turn = new CompletableFuture<>();
            List<CompletableFuture<Void>> ready;
            synchronized (TokenBucket.this) {
                if (waiting >= WAITING_MAX) {
                    return CompletableFuture.failedFuture(WaitedTooLong.crowd(lane, waiting));
                }
                Deque<CompletableFuture<Void>> queue = queue(lane);
                if (queue.isEmpty()) {
                    turns(lane).addLast(this);
                }
                queue.addLast(turn);
                waiting++;
                ready = grant();
            }
            complete(ready);
            return turn.isDone() ? turn : Waits.limit(turn, () -> WaitedTooLong.token(lane, within), within, timer);
        }

        private Deque<CompletableFuture<Void>> queue(Lane lane) {
            return Waits.get(queues, lane);
        }

        /** How many tokens it has got. */
        public long taken() {
            synchronized (TokenBucket.this) {
                return taken;
            }
        }
    }

    /** The account of that name, made at the first call. {@code percent} of the budget is the most it gets. */
    public synchronized Account account(String name, int percent) {
        Account known = accounts.get(name);
        if (known != null && known.percent == percent) {
            return known;
        }
        Account fresh = new Account(name, percent);
        accounts.put(name, fresh);
        return fresh;
    }

    /** Puts another budget in force at once, for those that wait already as well. */
    public void change(Budget next) {
        List<CompletableFuture<Void>> ready;
        synchronized (this) {
            long now = nanos.getAsLong();
            level.change(next, now);
            for (Account account : accounts.values()) {
                account.own.change(next.times(account.percent / 100.0), now);
            }
            budget = next;
            ready = grant();
        }
        complete(ready);
    }

    /** What is in force. */
    public synchronized Budget budget() {
        return budget;
    }

    /** Tokens that are there now. */
    public synchronized double tokens() {
        level.refill(nanos.getAsLong());
        return level.tokens;
    }

    /** How many wait in a lane. */
    public synchronized int waiting(Lane lane) {
        return turns(lane).stream().mapToInt(it -> it.queue(lane).size()).sum();
    }

    private void ring() {
        List<CompletableFuture<Void>> ready;
        synchronized (this) {
            alarm = Long.MAX_VALUE;
            ringing = null;
            ready = grant();
        }
        complete(ready);
    }

    private static void complete(Collection<CompletableFuture<Void>> ready) {
        ready.forEach(turn -> turn.complete(null));
    }

    /** Takes tokens for all whose turn it is; they are completed once the lock is released. */
    private List<CompletableFuture<Void>> grant() {
        long now = nanos.getAsLong();
        level.refill(now);
        List<CompletableFuture<Void>> ready = new ArrayList<>(1);
        CompletableFuture<Void> next = next(now);
        while (next != null) {
            ready.add(next);
            next = next(now);
        }
        if (waiting > 0) {
            sleep(now);
        }
        return ready;
    }

    private @Nullable CompletableFuture<Void> next(long now) {
        Lane[] lanes = Lane.values();
        boolean lastFirst = granted % LAST_LANE_EVERY == LAST_LANE_EVERY - 1;
        for (int i = 0; i < lanes.length; i++) {
            Lane lane = lanes[lastFirst ? lanes.length - 1 - i : i];
            if (level.tokens >= need(lane)) {
                CompletableFuture<Void> turn = next(lane, now);
                if (turn != null) {
                    return turn;
                }
            }
        }
        return null;
    }

    private @Nullable CompletableFuture<Void> next(Lane lane, long now) {
        Deque<Account> round = turns(lane);
        for (int left = round.size(); left > 0; left--) {
            Account account = round.removeFirst();
            account.own.refill(now);
            CompletableFuture<Void> turn = account.own.tokens >= 1 ? living(account.queue(lane)) : null;
            if (!account.queue(lane).isEmpty()) {
                round.addLast(account);
            }
            if (turn != null) {
                level.tokens--;
                account.own.tokens--;
                account.taken++;
                granted++;
                return turn;
            }
        }
        return null;
    }

    /** The first that has not given up. */
    private @Nullable CompletableFuture<Void> living(Deque<CompletableFuture<Void>> queue) {
        while (!queue.isEmpty()) {
            CompletableFuture<Void> turn = queue.removeFirst();
            waiting--;
            if (!turn.isDone()) {
                return turn;
            }
        }
        return null;
    }

    /** Until the first one can get its token. */
    private void sleep(long now) {
        long wake = Long.MAX_VALUE;
        for (Lane lane : Lane.values()) {
            for (Account account : turns(lane)) {
                wake = Math.min(wake, now + Math.max(level.nanosUntil(need(lane)), account.own.nanosUntil(1)));
            }
        }
        if (wake < alarm) {
            alarm = wake;
            ScheduledFuture<?> later = ringing;
            if (later != null) {
                later.cancel(false); // One alarm at a time, or they would beget others.
            }
            ringing = timer.schedule(this::ring, Math.max(1, wake - now), TimeUnit.NANOSECONDS);
        }
    }

    /** A part of the burst is there for leases alone. */
    private double need(Lane lane) {
        return lane == Lane.LEASE || budget.unlimited() ? 1 : 1 + Math.floor(budget.burst() * LEASE_PART);
    }

    private Deque<Account> turns(Lane lane) {
        return Waits.get(turns, lane);
    }

    /** Tokens at a time. */
    private static final class Level {
        private Budget budget;
        private double tokens;
        private long at;

        Level(Budget budget, long now) {
            this.budget = budget;
            this.tokens = budget.burst();
            this.at = now;
        }

        void refill(long now) {
            tokens = budget.unlimited()
                    ? Double.MAX_VALUE / 2
                    : Math.min(budget.burst(), tokens + (now - at) / NANOS * budget.qps());
            at = now;
        }

        /** What was saved up stays, as far as the new burst allows; a lower budget therefore begins without a burst. */
        void change(Budget next, long now) {
            refill(now);
            double kept = budget.unlimited() ? 0 : tokens;
            budget = next;
            tokens = next.unlimited() ? Double.MAX_VALUE / 2 : Math.min(kept, next.burst());
        }

        long nanosUntil(double need) {
            return budget.unlimited() || tokens >= need ? 0 : (long) Math.ceil((need - tokens) / budget.qps() * NANOS);
        }
    }
}
