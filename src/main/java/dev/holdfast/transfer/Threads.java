package dev.holdfast.transfer;

import java.util.Collection;

/** Threads of the engine: deep enough for deep trees, and gone when the run is. */
public final class Threads {
    /** Address space, not memory: a walk goes as deep as the tree, and a page of stack is made when it is touched. */
    public static final long STACK_BYTES = 256L << 20;

    private Threads() {}

    /** Returns when all have ended; an interrupt meanwhile is kept for later. */
    public static void join(Collection<Thread> threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
