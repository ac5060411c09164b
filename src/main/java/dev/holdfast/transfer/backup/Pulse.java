package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.Threads;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.repository.Attempt;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Beats while a backup runs: tells progress, and makes checkpoints, both the regular ones and those asked for. A
 * checkpoint is one round of syncs over the crew, then a note in the repository.
 */
final class Pulse {
    private static final long BEAT_MILLIS = 50;
    private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long CHECKPOINT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Attempt attempt;
    private final Crew crew;
    private final Counters counters;
    private final TransferControl control;
    private final TransferListener listener;
    private final Thread thread;

    /** The thread is told by this and never interrupted: that would close a file it writes, and fail the backup. */
    private final CountDownLatch over = new CountDownLatch(1);

    private @Nullable CompletableFuture<TransferProgress> wish;

    Pulse(Attempt attempt, Crew crew, Counters counters, TransferControl control, TransferListener listener) {
        this.attempt = attempt;
        this.crew = crew;
        this.counters = counters;
        this.control = control;
        this.listener = listener;
        this.thread = Thread.ofPlatform().name("pulse").daemon().start(this::beat);
    }

    private void beat() {
        long progress = System.nanoTime();
        long checkpoint = progress;
        boolean round = false;
        TransferProgress covered = TransferProgress.NONE; // what the round that runs will have made durable
        while (!isOver()) {
            long now = System.nanoTime();
            if (now - progress >= PROGRESS_NANOS) {
                progress = now;
                tell();
            }
            if (!round) {
                wish = control.takeCheckpoint();
                if (wish != null || now - checkpoint >= CHECKPOINT_NANOS) {
                    covered = counters.progress();
                    crew.startRound();
                    round = true;
                }
            }
            if (round && crew.roundDone()) {
                round = false;
                checkpoint = now;
                note(covered);
            }
        }
    }

    private boolean isOver() {
        try {
            return over.await(BEAT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    private void note(TransferProgress durable) {
        try {
            attempt.checkpoint();
            grant(durable);
        } catch (TransferException e) {
            crew.fail(e);
            refuse(e);
        }
    }

    private void tell() {
        synchronized (listener) {
            listener.progressed(counters.progress());
        }
    }

    private void grant(TransferProgress durable) {
        if (wish != null) {
            wish.complete(durable);
            wish = null;
        }
    }

    private void refuse(TransferException why) {
        if (wish != null) {
            wish.completeExceptionally(why);
            wish = null;
        }
    }

    /** All members have left, and so have synced: a wish that is still open is granted with that. */
    void stop() {
        over.countDown();
        Threads.join(List.of(thread));
        wish = wish == null ? control.takeCheckpoint() : wish;
        if (crew.failure() == null) {
            note(counters.progress());
        } else {
            refuse(TransferException.of("back up", java.util.Objects.requireNonNull(crew.failure())));
        }
        tell();
    }
}
