package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.Threads;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.repository.Attempt;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes what is restored durable while the restore runs: every ten seconds, so that a crash of the machine costs no
 * more, and when asked. A thread of its own, because a sync may take long.
 */
final class Syncer {
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long POLL_MILLIS = 50;

    private final Crew crew;
    private final Attempt attempt;
    private final Journal journal;
    private final Destination destination;
    private final Ledger ledger;
    private final TransferControl control;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread;

    Syncer(
            Crew crew,
            Attempt attempt,
            Journal journal,
            Destination destination,
            Ledger ledger,
            TransferControl control) {
        this.crew = crew;
        this.attempt = attempt;
        this.journal = journal;
        this.destination = destination;
        this.ledger = ledger;
        this.control = control;
        this.thread = Thread.ofPlatform().name("syncer").daemon().start(this::run);
    }

    private void run() {
        long last = System.nanoTime();
        while (!isOver()) {
            CompletableFuture<TransferProgress> wish = control.takeCheckpoint();
            if (wish != null || System.nanoTime() - last >= EVERY_NANOS) {
                checkpoint(wish);
                last = System.nanoTime();
            }
        }
    }

    private boolean isOver() {
        try {
            return over.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    private void checkpoint(@Nullable CompletableFuture<TransferProgress> wish) {
        TransferProgress durable = ledger.progress();
        try {
            attempt.requireOwner();
            journal.checkpoint(destination);
            if (wish != null) {
                wish.complete(durable);
            }
        } catch (IOException e) {
            fail(Errors.target(destination.toString(), e), wish);
        } catch (TransferException fenced) {
            fail(fenced, wish);
        }
    }

    private void fail(TransferException why, @Nullable CompletableFuture<TransferProgress> wish) {
        crew.fail(why);
        if (wish != null) {
            wish.completeExceptionally(why);
        }
    }

    /** Nothing is written any more: a wish that is still open is granted, or fails with the restore. */
    void stop() {
        over.countDown();
        Threads.join(List.of(thread));
        CompletableFuture<TransferProgress> wish = control.takeCheckpoint();
        Throwable failure = crew.failure();
        if (wish != null && failure != null) {
            wish.completeExceptionally(TransferException.of("restore", failure));
        } else if (wish != null) {
            checkpoint(wish);
        }
    }
}
