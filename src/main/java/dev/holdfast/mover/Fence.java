package dev.holdfast.mover;

import dev.holdfast.mover.protocol.ProcessCalls;
import dev.holdfast.mover.protocol.ProcessTable;
import dev.holdfast.session.MoverHandle;
import java.io.IOException;
import java.time.Duration;

/**
 * Ends movers, and nothing else. The pidfd is opened before identity is checked: if the check holds, the descriptor
 * means the mover for as long as it is open, whatever becomes of its process id.
 */
final class Fence {
    private static final Duration KILL_WITHIN = Duration.ofSeconds(10);

    private final ProcessCalls calls;
    private final ProcessTable table;
    private final Cgroup cgroup;

    Fence(ProcessCalls calls, ProcessTable table, Cgroup cgroup) {
        this.calls = calls;
        this.table = table;
        this.cgroup = cgroup;
    }

    /** A descriptor of the mover, to be closed by the caller, or -1 if it is proven gone. */
    int open(MoverHandle mover) throws IOException {
        int pidfd = calls.pidfdOpen(mover.pid());
        if (pidfd < 0) {
            return -1;
        }
        boolean ours = false;
        try {
            ours = mover.bootId().equals(table.bootId())
                    && table.entry(mover.pid())
                            .filter(entry -> entry.startTicks() == mover.startTicks() && !entry.zombie())
                            .isPresent();
        } finally {
            if (!ours) {
                calls.close(pidfd);
            }
        }
        return ours ? pidfd : -1;
    }

    /** SIGTERM; whether it was gone within the grace. */
    boolean terminate(MoverHandle mover, Duration grace) {
        return end(mover, grace, false);
    }

    /** SIGTERM, after the grace SIGKILL; false only if it is still there after that. */
    boolean kill(MoverHandle mover, Duration grace) {
        return end(mover, grace, true);
    }

    private boolean end(MoverHandle mover, Duration grace, boolean force) {
        try {
            int pidfd = open(mover);
            if (pidfd < 0) {
                return true;
            }
            try {
                if (!calls.signal(pidfd, ProcessCalls.SIGTERM) || gone(pidfd, grace)) {
                    return true;
                }
                if (!force) {
                    return false;
                }
                if (mover.cgroup() != null) {
                    cgroup.kill(mover.cgroup()); // Its children as well.
                }
                calls.signal(pidfd, ProcessCalls.SIGKILL);
                return gone(pidfd, KILL_WITHIN);
            } finally {
                calls.close(pidfd);
            }
        } catch (IOException e) {
            return false; // Not proven gone.
        }
    }

    private boolean gone(int pidfd, Duration within) throws IOException {
        return calls.poll(new int[] {pidfd}, within.toMillis())[0];
    }
}
