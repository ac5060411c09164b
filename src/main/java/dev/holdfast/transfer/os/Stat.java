package dev.holdfast.transfer.os;

/** What {@code statx} says about an entry. {@code mode} includes the type; devices are encoded as {@code dev_t}. */
public record Stat(
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
        long blocks) {
    /** The type of the entry: one of the {@code S_IF} values of {@link Flag}. */
    public int format() {
        return mode & Flag.S_IFMT;
    }
}
