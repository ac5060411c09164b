package dev.holdfast.transfer.tree;

/**
 * Tells one directory from another in its place. The root of every volume has the same number; when it was made does
 * not repeat.
 *
 * @param device number of its file system, for as long as that is mounted; 0 when not known
 * @param inode its number in that
 * @param birth nanoseconds; 0 where the file system does not keep it
 */
public record Identity(long device, long inode, long birth) {}
