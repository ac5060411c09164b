package dev.holdfast.session;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Enough to find a mover again and to prove that it is ours.
 *
 * @param generation counts the processes started for the session, from 1
 * @param nonce secret of this generation; the mover proves that it knows it
 * @param startTicks field 22 of {@code /proc/<pid>/stat}, raw
 * @param bootId {@code /proc/sys/kernel/random/boot_id} of the boot it was started in
 * @param cgroup its own leaf below the cgroup root, or null where it has none
 * @param socket its control socket
 */
public record MoverHandle(
        int generation,
        String nonce,
        long pid,
        long startTicks,
        String bootId,
        @Nullable Path cgroup,
        Path socket) {
    /** Without the nonce: handles are logged. */
    @Override
    public String toString() {
        return "mover pid=" + pid + " generation=" + generation + " startTicks=" + startTicks + " boot=" + bootId;
    }
}
