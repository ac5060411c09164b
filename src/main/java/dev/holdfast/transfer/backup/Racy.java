package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.tree.Node;
import java.time.Instant;

/** Decides whether a later change of a file could hide behind the times it has now. */
final class Racy {
    /** Coarser than the clock of any file system that is used. */
    private static final long GRANULE_SECONDS = 2;

    private Racy() {}

    static boolean is(Node node) {
        long newest = Math.max(node.mtimeSeconds(), node.ctimeSeconds());
        return newest > Instant.now().getEpochSecond() - GRANULE_SECONDS;
    }
}
