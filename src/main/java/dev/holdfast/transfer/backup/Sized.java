package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.tree.Node;

/** Makes an entry's size agree with the bytes that were really read. */
final class Sized {
    private Sized() {}

    static Node of(Node node, long size) {
        if (node.size() == size) {
            return node;
        }
        return new Node(
                node.type(),
                node.mode(),
                node.uid(),
                node.gid(),
                size,
                node.mtimeSeconds(),
                node.mtimeNanos(),
                node.ctimeSeconds(),
                node.ctimeNanos(),
                node.inode(),
                node.device(),
                node.links(),
                node.rdev(),
                node.blocks(),
                node.linkTarget(),
                node.xattrs());
    }
}
