package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.tree.Node;
import java.time.Instant;

/** Decides whether a later change of a file could hide behind the times it has now. */
final class Racy {
    /** Coarser than the clock of any file system that is used. */
    private static final long GRANULE_SECONDS = 2;

    private Racy() {}

    /** To be asked before the first byte is read: a change during or after that gets times that differ from these. */
    static boolean is(Node node) {
        long newest = Math.max(node.mtimeSeconds(), node.ctimeSeconds());
        return newest > Instant.now().getEpochSecond() - GRANULE_SECONDS;
    }
}
