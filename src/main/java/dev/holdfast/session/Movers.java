package dev.holdfast.session;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Port to the mover processes. Every call may block up to its budget and may come from any thread; calls for one
 * session are serial. A call that is repeated after a crash must do no harm.
 */
public interface Movers {
    /**
     * What one process is to be started for. The order is durable before {@link #launch} is called, so a crash at any
     * point leaves either no process or one that {@link #examine} finds.
     */
    record LaunchOrder(
            SessionId session,
            int generation,
            String nonce,
            SessionRequest request,
            @Nullable String token,
            int workers) {
        @Override
        public String toString() {
            return "launch " + session + " generation " + generation;
        }
    }

    /** What was found where a mover should be. */
    sealed interface Finding {
        /**
         * Ours beyond doubt: identity matches and it proved the nonce.
         *
         * @param frozen somebody holds it still by its cgroup; the status is what it wrote down last
         */
        record Alive(MoverHandle mover, MoverStatus status, boolean frozen) implements Finding {}

        /** Ours by identity, but its socket did not answer in time. */
        record Silent(MoverHandle mover, Life life) implements Finding {}

        /** It ended by itself and left a result. */
        record Finished(MoverResult result) implements Finding {}

        /** No such process and no result: it crashed, was killed, or never started. */
        record Gone(@Nullable MoverStatus lastKnown, boolean outOfMemory) implements Finding {}

        /** Something else has its process id or socket (pid reuse, other boot); it must not be touched. */
        record Foreign(String what, @Nullable MoverStatus lastKnown) implements Finding {}

        /** It could not be looked at just now; nothing follows from that. */
        record Unknown(String why) implements Finding {}
    }

    /**
     * What shows that a mover which does not answer is only slow: it is if any of this changes, or while it is busy.
     *
     * @param cpuTicks processor time used since its start
     * @param busy whether a thread of it runs, waits for a processor, or waits for a disk
     * @param last what it wrote down last
     */
    record Life(long cpuTicks, boolean busy, @Nullable MoverStatus last) {}

    /**
     * Starts a mover and returns once it has answered {@code hello}, or has at least said who it is and gone silent.
     *
     * @throws MoverException if it did not start; everything made for it has been undone
     */
    MoverHandle launch(LaunchOrder order) throws MoverException;

    /** Looks for the mover of this generation, whether or not a handle is known. Never signals anything. */
    Finding examine(SessionId session, int generation, String nonce, @Nullable MoverHandle known, Duration budget);

    /**
     * Asks for a checkpoint over the socket (or by SIGTERM where {@code stop}) and waits for it.
     *
     * @param stop whether the mover is to exit afterwards
     * @return the durable state, or null if there was no answer in time
     */
    @Nullable
    MoverStatus checkpoint(SessionId session, MoverHandle mover, boolean stop, Duration within);

    /** Asks the mover to give the transfer up; it ends with a result. False if it did not answer. */
    boolean cancel(SessionId session, MoverHandle mover, Duration within);

    /** Changes the mover's rate limit; false if it did not answer. */
    boolean limit(SessionId session, MoverHandle mover, long bytesPerSecondMax, Duration within);

    /**
     * Fences: SIGTERM, then after {@code grace} SIGKILL (by cgroup where it has one). Touches nothing that is not
     * proven ours.
     *
     * @return whether the mover is proven gone
     */
    boolean stop(SessionId session, MoverHandle mover, Duration grace);

    /** Completes when the mover's process has ended (watched by pidfd); completed at once if it is gone. */
    java.util.concurrent.CompletionStage<Void> exit(MoverHandle mover);

    /**
     * Removes what is left of an ended mover: directory, socket, cgroup. Idempotent.
     *
     * @throws java.io.UncheckedIOException if something cannot be removed now
     */
    void forget(SessionId session);
}
