package dev.holdfast.kube;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What every request of one child passes: first a place among those on their way, then a token, for each attempt.
 * Waits, sends, and sends again where that is right; never blocks a thread.
 */
public final class RequestGate {
    private static final Logger LOG = Logger.getLogger(RequestGate.class);
    private static final int REFUSED_BY_MAX = 16;

    private final String child;
    private final Tokens tokens;
    private final InFlight inFlight;
    private final ScheduledExecutorService timer;
    private final KubeObserver observer;
    private final Set<String> refusedBy = ConcurrentHashMap.newKeySet();

    public RequestGate(
            String child, Tokens tokens, InFlight inFlight, ScheduledExecutorService timer, KubeObserver observer) {
        this.child = child;
        this.tokens = tokens;
        this.inFlight = inFlight;
        this.timer = timer;
        this.observer = observer;
    }

    /** One request that can be sent, and how to read its answer. */
    interface Exchange<T> {
        /** Of Kubernetes: get, list, watch, create, ... */
        String verb();

        Retry retry();

        CompletableFuture<T> send();

        int status(T answer);

        /** Of the answer; null where it has none of that name. */
        @Nullable
        String header(T answer, String name);

        /** Lets go of an answer that nobody will read. */
        void drop(T answer);

        /** Completes when the request no longer uses its connection; at once for what streams without an end. */
        CompletableFuture<?> end(T answer);
    }

    /** Passes one request. What comes back is the last answer, whatever its status, or the last failure. */
    <T> CompletableFuture<T> pass(Lane lane, Exchange<T> exchange) {
        CompletableFuture<T> result = new CompletableFuture<>();
        new Passage<>(lane, exchange, result).attempt(1);
        return result;
    }

    /**
     * A place and a token, for what is sent elsewhere. The slot must be closed when the request has ended. Who cancels
     * what this returns gives up both.
     */
    CompletableFuture<InFlight.Slot> enter(Lane lane) {
        long from = System.nanoTime();
        CompletableFuture<InFlight.Slot> entered = new CompletableFuture<>();
        CompletableFuture<InFlight.Slot> place = inFlight.enter(lane, lane.waitMax());
        cancelWith(entered, place);
        place.whenComplete((slot, crowded) -> {
            if (crowded != null) {
                refused(lane, from, entered, crowded);
                return;
            }
            CompletableFuture<Void> turn;
            try {
                turn = tokens.take(lane, left(lane, from));
            } catch (RuntimeException e) { // Such as at the end, when there is no timer any more.
                slot.close();
                refused(lane, from, entered, e);
                return;
            }
            cancelWith(entered, turn);
            turn.whenComplete((_, late) -> {
                if (late != null) {
                    slot.close();
                    refused(lane, from, entered, late);
                    return;
                }
                observer.waited(child, lane, since(from), false);
                if (!entered.complete(slot)) {
                    slot.close();
                }
            });
        });
        return entered;
    }

    /**
     * Says which part of the server's own limits refused a request: once for each, because where there is one refusal
     * there are many.
     *
     * @param header of the answer
     */
    void noteRefusal(Function<String, @Nullable String> header) {
        String schema = header.apply("X-Kubernetes-PF-FlowSchema-UID");
        String level = header.apply("X-Kubernetes-PF-PriorityLevel-UID");
        String by = "flowSchema=" + (schema == null ? "none" : schema) + " priorityLevel="
                + (level == null ? "none" : level);
        if (refusedBy.size() < REFUSED_BY_MAX && refusedBy.add(by)) {
            LOG.infof("requests are refused with 429 child=%s %s", child, by);
        }
    }

    private void refused(Lane lane, long from, CompletableFuture<?> entered, Throwable e) {
        observer.waited(child, lane, since(from), true);
        entered.completeExceptionally(cause(e));
    }

    private static void cancelWith(CompletableFuture<?> one, CompletableFuture<?> other) {
        one.whenComplete((_, _) -> {
            if (one.isCancelled()) {
                other.cancel(false);
            }
        });
    }

    KubeObserver observer() {
        return observer;
    }

    private static Duration left(Lane lane, long from) {
        Duration left = lane.waitMax().minus(since(from));
        return left.isNegative() ? Duration.ofMillis(1) : left;
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    /** What a future really failed with. */
    static Throwable cause(Throwable e) {
        Throwable inner = e.getCause();
        return e instanceof CompletionException && inner != null ? inner : e;
    }

    /** One request on its way through, attempt after attempt. */
    private final class Passage<T> {
        private final Lane lane;
        private final Exchange<T> exchange;
        private final CompletableFuture<T> result;
        private final long begun = System.nanoTime();

        Passage(Lane lane, Exchange<T> exchange, CompletableFuture<T> result) {
            this.lane = lane;
            this.exchange = exchange;
            this.result = result;
        }

        void attempt(int number) {
            CompletableFuture<InFlight.Slot> entered = enter(lane);
            cancelWith(result, entered);
            entered.whenComplete((slot, e) -> {
                if (e != null) {
                    result.completeExceptionally(cause(e));
                } else if (result.isDone()) {
                    slot.close(); // Given up meanwhile.
                } else {
                    send(slot, number);
                }
            });
        }

        private void send(InFlight.Slot slot, int number) {
            long sent = System.nanoTime();
            CompletableFuture<T> answer;
            try {
                answer = exchange.send();
            } catch (RuntimeException e) {
                slot.close();
                result.completeExceptionally(e);
                return;
            }
            answer.whenComplete((it, e) -> {
                observer.answered(child, exchange.verb(), e == null ? exchange.status(it) : 0, since(sent));
                if (e != null) {
                    slot.close();
                    failed(cause(e), number);
                } else {
                    answered(it, slot, number);
                }
            });
            result.whenComplete((_, e) -> {
                if (e != null) {
                    answer.cancel(false);
                }
            });
        }

        private void answered(T answer, InFlight.Slot slot, int number) {
            int status = exchange.status(answer);
            Duration after = status < 400 ? null : Retry.after(exchange.header(answer, "Retry-After"), Instant.now());
            if (status == 429) {
                noteRefusal(name -> exchange.header(answer, name));
            }
            var again = exchange.retry().answered(status, after, number, random());
            if (again.isPresent() && inTime(again.get())) {
                exchange.drop(answer);
                slot.close();
                again(Integer.toString(status), again.get(), number);
            } else {
                // Not at once: the connection is free only after those who wait for the answer have been told.
                exchange.end(answer).whenCompleteAsync((_, _) -> slot.close(), timer);
                if (!result.complete(answer)) {
                    exchange.drop(answer);
                }
            }
        }

        private void failed(Throwable cause, int number) {
            var again = exchange.retry().failed(cause, number, random());
            if (again.isPresent() && inTime(again.get())) {
                again("connection", again.get(), number);
            } else {
                result.completeExceptionally(cause);
            }
        }

        private void again(String reason, Duration wait, int number) {
            observer.retried(reason);
            timer.schedule(() -> attempt(number + 1), wait.toNanos(), TimeUnit.NANOSECONDS);
        }

        private boolean inTime(Duration wait) {
            return since(begun).plus(wait).compareTo(lane.triesMax()) < 0;
        }

        private static double random() {
            return ThreadLocalRandom.current().nextDouble();
        }
    }
}
