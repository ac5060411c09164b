package dev.holdfast.mover.worker;

import dev.holdfast.transfer.TransferControl;
import java.time.Duration;

/**
 * Whether an agent is there, and what follows from that: with one, SIGTERM means checkpoint and go on; without one it
 * means checkpoint and end, and so does being without one for too long. Lock: the object itself guards the count.
 */
final class Agents {
    private final TransferControl control;
    private final long orphanLimitNanos;
    private final MoverLog log;
    private int present;
    private long leftAt = System.nanoTime();

    Agents(TransferControl control, Duration orphanLimit, MoverLog log) {
        this.control = control;
        this.orphanLimitNanos = orphanLimit.toNanos();
        this.log = log;
    }

    synchronized void came() {
        present++;
    }

    synchronized void left() {
        present--;
        leftAt = System.nanoTime();
    }

    private synchronized boolean none() {
        return present == 0;
    }

    /** From now on SIGTERM and SIGINT end nothing by themselves. */
    void takeSignals() {
        Signals.take("TERM", this::terminate);
        Signals.take("INT", this::terminate);
    }

    private void terminate() {
        if (none()) {
            log.line("SIGTERM without an agent: checkpoint, then end");
            control.stop();
            return;
        }
        log.line("SIGTERM with an agent: checkpoint, then on");
        control.checkpoint().whenComplete((progress, trouble) -> stopIfOrphaned());
    }

    /** The agent that sent the signal may have been leaving: its connection was just not yet seen to close. */
    private void stopIfOrphaned() {
        if (none()) {
            control.stop();
        }
    }

    /** Called now and then. */
    void checkOrphanLimit() {
        boolean tooLong;
        synchronized (this) {
            tooLong = present == 0 && System.nanoTime() - leftAt > orphanLimitNanos;
        }
        if (tooLong && control.ending() == null) {
            log.line("no agent for too long: checkpoint, then end");
            control.stop();
        }
    }
}
