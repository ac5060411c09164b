package dev.holdfast.kube;

import io.vertx.core.VertxException;
import java.io.IOException;
import java.net.ConnectException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Whether and when a request is sent again. 429 always: the server did not touch it. A failure only where a second time
 * does no harm: a POST that was answered 500 may have been done. Decides, and does nothing else.
 *
 * @param repeatable whether the body can be sent again
 * @param harmless whether doing it twice is the same as doing it once
 */
record Retry(boolean repeatable, boolean harmless) {
    static final int ATTEMPTS_MAX = 10;
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LAST = Duration.ofMillis(3200);
    private static final Duration RETRY_AFTER_MAX = Duration.ofSeconds(32);
    private static final double JITTER = 0.1;

    /**
     * For a method with that body.
     *
     * @param conditional whether a write names the version that it changes
     */
    static Retry of(String method, boolean repeatable, boolean conditional) {
        boolean harmless =
                switch (method) {
                    case "GET", "HEAD", "OPTIONS", "DELETE" -> true;
                    case "PUT", "PATCH" -> conditional;
                    default -> false;
                };
        return new Retry(repeatable, harmless);
    }

    /**
     * How long to wait before the next attempt; empty when there is none.
     *
     * @param attempt that was answered, from 1
     * @param random 0 to 1: spreads those that were refused together
     */
    Optional<Duration> answered(int status, @Nullable Duration retryAfter, int attempt, double random) {
        boolean again = status == 429 || harmless && (status == 500 || status >= 502 && status <= 504);
        if (!again || !repeatable || attempt >= ATTEMPTS_MAX) {
            return Optional.empty();
        }
        Duration wait = retryAfter == null ? backoff(attempt) : retryAfter;
        if (wait.compareTo(RETRY_AFTER_MAX) > 0) {
            wait = RETRY_AFTER_MAX;
        }
        return Optional.of(spread(wait, random));
    }

    /** The same where there was no answer. */
    Optional<Duration> failed(Throwable cause, int attempt, double random) {
        boolean neverSent = cause instanceof ConnectException;
        boolean broken =
                cause instanceof IOException || cause instanceof VertxException || cause instanceof TimeoutException;
        boolean again = broken && !(cause instanceof WaitedTooLong);
        return again && (harmless || neverSent) && repeatable && attempt < ATTEMPTS_MAX
                ? Optional.of(spread(backoff(attempt), random))
                : Optional.empty();
    }

    private static Duration backoff(int attempt) {
        Duration wait = FIRST.multipliedBy(1L << Math.min(attempt - 1, 10));
        return wait.compareTo(LAST) > 0 ? LAST : wait;
    }

    /** Never earlier than asked for. */
    private static Duration spread(Duration wait, double random) {
        return wait.plusNanos((long) (wait.toNanos() * JITTER * random));
    }

    /** Value of a Retry-After header, in seconds or as a date; null where there is none that can be read. */
    static @Nullable Duration after(@Nullable String header, Instant now) {
        if (header == null) {
            return null;
        }
        try {
            return Duration.ofSeconds(Math.max(0, Long.parseLong(header.strip())));
        } catch (NumberFormatException _) {
            try {
                Instant at = ZonedDateTime.parse(header.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
                return at.isBefore(now) ? Duration.ZERO : Duration.between(now, at);
            } catch (DateTimeException _) {
                return null;
            }
        }
    }
}
