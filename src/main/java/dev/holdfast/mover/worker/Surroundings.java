package dev.holdfast.mover.worker;

import dev.holdfast.mover.protocol.ProcessCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Leaves behind what would end with the agent's container: its session, its cgroup, its place in the OOM order. */
final class Surroundings {
    private final ProcessCalls calls;
    private final MoverLog log;

    Surroundings(ProcessCalls calls, MoverLog log) {
        this.calls = calls;
        this.log = log;
    }

    /** @param cgroup what {@code /proc/self/cgroup} says, null where it says nothing of v2 */
    record Place(@Nullable String cgroup, boolean own) {}

    /** Moves this process; what does not work is logged and does not stop it. */
    Place leave(@Nullable Path leaf) {
        try {
            calls.leadSession();
        } catch (IOException e) {
            log.line("no Unix session of its own", e);
        }
        resetOomOrder();
        return leaf == null ? new Place(null, false) : join(leaf);
    }

    /**
     * The namespace change holds for this thread alone, and both the write and the reading back are judged by the
     * thread that opens the file; so all three happen here. From the host's namespace the path is the true one.
     */
    private Place join(Path leaf) {
        try {
            calls.joinHostCgroupNamespace();
        } catch (IOException e) {
            log.line("stays in its cgroup namespace: " + e.getMessage());
        }
        try {
            Files.writeString(
                    leaf.resolve("cgroup.procs"),
                    Long.toString(ProcessHandle.current().pid()),
                    StandardOpenOption.WRITE);
        } catch (IOException e) {
            log.line("did not get into its cgroup " + leaf, e);
        }
        String place = readBack();
        boolean own = place != null
                && place.endsWith("/" + leaf.getFileName())
                && leaf.toString().endsWith(place);
        if (!own) {
            log.line("is in cgroup " + place + " instead of " + leaf + ": it may end with the agent's container");
        }
        return new Place(place, own);
    }

    private static @Nullable String readBack() {
        try {
            return Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
                    .filter(line -> line.startsWith("0::"))
                    .map(line -> line.substring(3))
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            return null;
        }
    }

    /** An agent is often protected from the OOM killer; a mover must not be. */
    private void resetOomOrder() {
        Path adjustment = Path.of("/proc/self/oom_score_adj");
        try {
            if (Integer.parseInt(Files.readString(adjustment).strip()) < 0) {
                Files.writeString(adjustment, "0", StandardOpenOption.WRITE);
            }
        } catch (IOException | NumberFormatException e) {
            log.line("oom_score_adj stays as it was", e);
        }
    }
}
