package dev.holdfast.transfer;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The levers of a running transfer, for another thread to pull. The engine polls them between blocks, so a wish is
 * granted within one block.
 */
public final class TransferControl {
    /** Why the engine should end early; a later wish overrides an earlier one unless that was CANCEL. */
    public enum Ending {
        STOP,
        CANCEL
    }

    private static final long UNSET = -1;

    private final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();
    private final AtomicReference<@Nullable CompletableFuture<TransferProgress>> checkpoint = new AtomicReference<>();
    private final AtomicLong bytesPerSecondMax = new AtomicLong(UNSET);

    /**
     * Asks to make everything finished so far durable, and to go on.
     *
     * @return completes with the state that is durable, or exceptionally when the transfer fails first
     */
    public CompletableFuture<TransferProgress> checkpoint() {
        return java.util.Objects.requireNonNull(
                checkpoint.updateAndGet(wish -> wish == null ? new CompletableFuture<>() : wish));
    }

    /** Asks to finish the blocks in flight, make them durable and end as {@link TransferResult.Stopped}. */
    public void stop() {
        ending.compareAndSet(null, Ending.STOP);
    }

    /** Asks to end as {@link TransferResult.Canceled}. */
    public void cancel() {
        ending.set(Ending.CANCEL);
    }

    /** Limits the source bytes per second from now on; 0 lifts the limit. */
    public void limit(long bytesPerSecond) {
        bytesPerSecondMax.set(Math.max(0, bytesPerSecond));
    }

    /** For the engine: the limit of the plan, unless somebody was faster with another. */
    void limitAtFirst(long bytesPerSecond) {
        bytesPerSecondMax.compareAndSet(UNSET, Math.max(0, bytesPerSecond));
    }

    /** For the engine: how to end, or null to go on. */
    public @Nullable Ending ending() {
        return ending.get();
    }

    /** For the engine: the checkpoint that is asked for, taken by the caller who must complete it; or null. */
    public @Nullable CompletableFuture<TransferProgress> takeCheckpoint() {
        return checkpoint.getAndSet(null);
    }

    /** For the engine: 0 means no limit. */
    public long bytesPerSecondMax() {
        return Math.max(0, bytesPerSecondMax.get());
    }
}
