package dev.holdfast.transfer.catalog;

import dev.holdfast.transfer.tree.Node;

/**
 * One name in a directory.
 *
 * @param name raw bytes; empty for the root of a snapshot
 * @param racy changed so shortly before it was read that an equal signature proves nothing
 */
@SuppressWarnings("ArrayRecordComponent")
public record Entry(byte[] name, Node node, Content content, boolean racy) {
    /** Whether {@code now} describes the same, untouched file, so that it need not be read. */
    public boolean unchanged(Node now) {
        return !racy && sameSignature(node, now);
    }

    /** Size, times, inode, mode and kind are equal. The device is left out: its number changes with a remount. */
    public static boolean sameSignature(Node one, Node other) {
        return one.type() == other.type()
                && one.size() == other.size()
                && one.mtimeSeconds() == other.mtimeSeconds()
                && one.mtimeNanos() == other.mtimeNanos()
                && one.ctimeSeconds() == other.ctimeSeconds()
                && one.ctimeNanos() == other.ctimeNanos()
                && one.inode() == other.inode()
                && one.mode() == other.mode();
    }
}
