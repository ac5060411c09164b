package dev.holdfast.session;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Asks file systems that may never answer, as one of the network whose server is away: on threads of its own, so that
 * nobody waits for longer than the limit. While a question about a place is overdue, no other is asked about it.
 * Thread-safe.
 */
final class Patience {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Executor executor;
    private final Duration limit;
    private final ConcurrentHashMap<Object, Integer> overdue = new ConcurrentHashMap<>();

    Patience(Executor executor, Duration limit) {
        this.executor = executor;
        this.limit = limit;
    }

    static Patience standard() {
        return new Patience(
                Executors.newCachedThreadPool(
                        Thread.ofPlatform().daemon().name("ask-", 0).factory()),
                LIMIT);
    }

    /**
     * The answer; empty if there is none in time. What the question throws is thrown.
     *
     * @param about the place, by its {@code equals}
     * @param question has no null for an answer
     */
    <T> Optional<T> ask(Object about, Supplier<T> question) {
        if (overdue.containsKey(about)) {
            return Optional.empty();
        }
        CompletableFuture<T> answer = CompletableFuture.supplyAsync(question, executor);
        try {
            return Optional.of(answer.get(limit.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException _) {
            overdue.merge(about, 1, Integer::sum);
            answer.whenComplete((_, _) -> overdue.compute(about, (_, n) -> n == null || n == 1 ? null : n - 1));
            return Optional.empty();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException thrown -> throw thrown;
                case Error thrown -> throw thrown;
                case null, default -> throw new CompletionException(e);
            }
        }
    }
}
