package dev.holdfast.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes sessions, and knows whether that works. While it does not, nothing that must be stored first is done; movers
 * go on, and a file of the same size is tried until there is room again. Thread-safe.
 */
final class StoreKeeper {
    private static final Duration TRY_EVERY = Duration.ofSeconds(5);

    private final SessionStore store;
    private final SessionLog log;
    private volatile @Nullable String trouble;
    private volatile Instant tried = Instant.EPOCH;

    /** Set when trouble ends, until somebody has been told. */
    private volatile boolean over;

    StoreKeeper(SessionStore store, SessionLog log) {
        this.store = store;
        this.log = log;
    }

    /** @throws SessionStoreException if it is not durable */
    void put(Session session) {
        long begun = System.nanoTime();
        try {
            store.put(session);
        } catch (SessionRefused e) {
            throw e;
        } catch (SessionStoreException e) {
            failed(e);
            throw e;
        }
        log.written(begun);
        works();
    }

    /** Why sessions cannot be stored just now; empty if they can. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** Looks from time to time whether the trouble is over; true once after it was. For one thread. */
    boolean tryAgain(Instant now) {
        if (trouble != null && !now.isBefore(tried.plus(TRY_EVERY))) {
            tried = now;
            try {
                store.probe();
                works();
            } catch (SessionStoreException e) {
                failed(e);
            }
        }
        boolean ended = over;
        over = false;
        return ended;
    }

    private void failed(SessionStoreException e) {
        String why = String.valueOf(e.getMessage());
        boolean first = trouble == null;
        trouble = why;
        log.storeFailed(why, first);
    }

    private void works() {
        if (trouble != null) {
            trouble = null;
            over = true;
            log.storeWorks();
        }
    }
}
