package dev.holdfast.transfer.tree;

import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.Stat;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a tree with everything that is to be preserved, except its name and content.
 *
 * @param mode permissions with set-id and sticky bits, without the type: 0 to 07777
 * @param size bytes of content; 0 for what has none. A symbolic link's is the length of its target
 * @param inode with {@code device} the identity of the entry: names with equal identity are hard links
 * @param rdev what a character or block device stands for, as {@code dev_t}; 0 for others
 * @param blocks allocated units of 512 bytes
 * @param linkTarget target of a symbolic link once described; null for others. Not copied
 * @param xattrs extended attributes including ACLs and capabilities once described, in byte order of their names
 */
@SuppressWarnings("ArrayRecordComponent")
public record Node(
        Type type,
        int mode,
        int uid,
        int gid,
        long size,
        long mtimeSeconds,
        int mtimeNanos,
        long ctimeSeconds,
        int ctimeNanos,
        long inode,
        long device,
        long links,
        long rdev,
        long blocks,
        byte @Nullable [] linkTarget,
        List<Xattr> xattrs) {
    /** Kinds of entries. The order is part of the format of repositories. */
    public enum Type {
        FILE(Flag.S_IFREG),
        DIRECTORY(Flag.S_IFDIR),
        SYMLINK(Flag.S_IFLNK),
        FIFO(Flag.S_IFIFO),
        SOCKET(Flag.S_IFSOCK),
        CHAR(Flag.S_IFCHR),
        BLOCK(Flag.S_IFBLK);

        private final int format;

        Type(int format) {
            this.format = format;
        }

        int format() {
            return format;
        }

        static Type of(int format) {
            for (Type type : values()) {
                if (type.format == format) {
                    return type;
                }
            }
            throw new IllegalArgumentException("entry of unknown kind " + Integer.toOctalString(format));
        }
    }

    public Node {
        xattrs = List.copyOf(xattrs);
    }

    static Node of(Stat stat) {
        Type type = Type.of(stat.format());
        boolean sized = type == Type.FILE || type == Type.SYMLINK;
        boolean device = type == Type.CHAR || type == Type.BLOCK;
        return new Node(
                type,
                stat.mode() & 07777,
                stat.uid(),
                stat.gid(),
                sized ? stat.size() : 0,
                stat.mtimeSeconds(),
                stat.mtimeNanos(),
                stat.ctimeSeconds(),
                stat.ctimeNanos(),
                stat.inode(),
                stat.device(),
                stat.links(),
                device ? stat.rdev() : 0,
                stat.blocks(),
                null,
                List.of());
    }

    /** The same with a link target and attributes. */
    public Node with(byte @Nullable [] target, List<Xattr> attributes) {
        return copy(size, device, target, attributes);
    }

    /** The same on a device of this number: after a remount it is another one. */
    public Node on(long newDevice) {
        return device == newDevice ? this : copy(size, newDevice, linkTarget, xattrs);
    }

    /** The same with as many bytes as were really read. */
    public Node ofSize(long bytes) {
        return size == bytes ? this : copy(bytes, device, linkTarget, xattrs);
    }

    private Node copy(long newSize, long newDevice, byte @Nullable [] newTarget, List<Xattr> newXattrs) {
        return new Node(
                type,
                mode,
                uid,
                gid,
                newSize,
                mtimeSeconds,
                mtimeNanos,
                ctimeSeconds,
                ctimeNanos,
                inode,
                newDevice,
                links,
                rdev,
                blocks,
                newTarget,
                newXattrs);
    }

    /** Whether this is the same entry in the same state: if so, content and metadata need not be read again. */
    public boolean unchangedSince(Node earlier) {
        return type == earlier.type
                && inode == earlier.inode
                && device == earlier.device
                && size == earlier.size
                && mtimeSeconds == earlier.mtimeSeconds
                && mtimeNanos == earlier.mtimeNanos
                && ctimeSeconds == earlier.ctimeSeconds
                && ctimeNanos == earlier.ctimeNanos
                && mode == earlier.mode;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Node that
                && unchangedSince(that)
                && uid == that.uid
                && gid == that.gid
                && links == that.links
                && rdev == that.rdev
                && blocks == that.blocks
                && Arrays.equals(linkTarget, that.linkTarget)
                && xattrs.equals(that.xattrs);
    }

    @Override
    public int hashCode() {
        return Objects.hash(type, inode, device, size, mtimeSeconds, mtimeNanos, ctimeSeconds, ctimeNanos);
    }
}
