package dev.holdfast.backup;

import dev.holdfast.plugin.Operation;
import dev.holdfast.plugin.PluginException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Waits for work that plugins go on with after their answer; what is to be taken after that is then needed. */
final class Operations {
    private static final Duration WAIT_MAX = Duration.ofMinutes(30);
    private static final long POLL_MILLIS = 500;

    private final ItemActions actions;
    private final Items items;
    private final Findings findings;
    private final BooleanSupplier canceled;

    Operations(ItemActions actions, Items items, Findings findings, BooleanSupplier canceled) {
        this.actions = actions;
        this.items = items;
        this.findings = findings;
        this.canceled = canceled;
    }

    /** Returns when all of it is over; what is not over by the end, or after a cancel, is given up. */
    void await() throws InterruptedException {
        List<ItemActions.Pending> open = new ArrayList<>(actions.pending());
        long end = System.nanoTime() + WAIT_MAX.toNanos();
        try {
            while (!open.isEmpty() && !canceled.getAsBoolean() && System.nanoTime() < end) {
                open.removeIf(this::over);
                if (!open.isEmpty()) {
                    Thread.sleep(POLL_MILLIS);
                }
            }
            for (ItemActions.Pending pending : canceled.getAsBoolean() ? List.<ItemActions.Pending>of() : open) {
                findings.failed(pending.item() + ": plugin "
                        + pending.action().name() + " has not finished operation " + pending.operation() + " within "
                        + WAIT_MAX.toMinutes() + " min; it was canceled");
            }
        } finally {
            boolean interrupted = Thread.interrupted(); // Plugins are told all the same.
            open.forEach(this::giveUp);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean over(ItemActions.Pending pending) {
        if (ending()) {
            return false; // It is to be given up, and its plugin told.
        }
        try {
            Operation operation = pending.action().progress(pending.operation(), actions.backup());
            if (!operation.error().isEmpty()) {
                findings.failed(pending.item() + ": plugin " + pending.action().name() + ", operation "
                        + pending.operation() + ": " + operation.error());
            }
            if (operation.completed()) {
                items.takeAgain(pending.afterwards());
            }
            return operation.completed();
        } catch (PluginException e) {
            if (ending()) {
                return false;
            }
            findings.failed(pending.item() + ": operation " + pending.operation() + ": " + e.getMessage());
            return true;
        }
    }

    private boolean ending() {
        return canceled.getAsBoolean() || Thread.currentThread().isInterrupted();
    }

    private void giveUp(ItemActions.Pending pending) {
        try {
            pending.action().cancel(pending.operation(), actions.backup());
        } catch (PluginException e) {
            findings.failed(pending.item() + ": cancel operation " + pending.operation() + ": " + e.getMessage());
        }
    }
}
