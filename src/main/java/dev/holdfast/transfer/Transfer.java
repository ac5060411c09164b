package dev.holdfast.transfer;

import dev.holdfast.transfer.backup.Backup;
import dev.holdfast.transfer.restore.Restore;
import java.io.UncheckedIOException;

/** The engine's front door: one run of one plan. */
public final class Transfer {
    private Transfer() {}

    /**
     * Runs a plan on the calling thread until it ends, by itself or through {@code control}.
     *
     * @throws TransferException when it failed; what is durable stays, and the token resumes it
     * @throws InterruptedException when the calling thread was interrupted; the same holds
     */
    public static TransferResult run(TransferPlan plan, TransferControl control, TransferListener listener)
            throws TransferException, InterruptedException {
        control.limitAtFirst(plan.bytesPerSecondMax());
        try {
            return switch (plan) {
                case TransferPlan.Backup backup -> Backup.run(backup, control, listener);
                case TransferPlan.Restore restore -> Restore.run(restore, control, listener);
            };
        } catch (UncheckedIOException scratch) {
            throw TransferException.of("transfer", scratch);
        }
    }
}
