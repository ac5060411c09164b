package dev.holdfast.session;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
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
    private final Set<Path> overdue = ConcurrentHashMap.newKeySet();

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

    /** The answer, which is not null; empty if there is none in time. What the question throws is thrown. */
    <T> Optional<T> ask(Path about, Supplier<T> question) {
        if (overdue.contains(about)) {
            return Optional.empty();
        }
        CompletableFuture<T> answer = CompletableFuture.supplyAsync(question, executor);
        try {
            return Optional.of(answer.get(limit.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException _) {
            overdue.add(about);
            answer.whenComplete((_, _) -> overdue.remove(about));
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
