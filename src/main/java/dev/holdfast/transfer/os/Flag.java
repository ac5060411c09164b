package dev.holdfast.transfer.os;

import dev.holdfast.linux.Machine;

/** Constants of the kernel's interface. The few that differ between x86-64 and aarch64 are chosen at start. */
public final class Flag {
    /** Stands for the working directory where a directory's descriptor is asked for. */
    public static final int AT_FDCWD = -100;

    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_EMPTY_PATH = 0x1000;

    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_NONBLOCK = 04000;
    public static final int O_NOATIME = 01000000;
    static final int O_CLOEXEC = 02000000;
    static final int O_PATH = 010000000;
    public static final int O_DIRECTORY = Machine.ARM ? 040000 : 0200000;
    public static final int O_NOFOLLOW = Machine.ARM ? 0100000 : 0400000;

    public static final int S_IFMT = 0170000;
    public static final int S_IFSOCK = 0140000;
    public static final int S_IFLNK = 0120000;
    public static final int S_IFREG = 0100000;
    public static final int S_IFBLK = 0060000;
    public static final int S_IFDIR = 0040000;
    public static final int S_IFCHR = 0020000;
    public static final int S_IFIFO = 0010000;

    public static final int SEEK_END = 2;

    /** Searches the next byte that is not in a hole; ENXIO when there is none. */
    public static final int SEEK_DATA = 3;

    /** Searches the next hole; the end of the file counts as one. */
    public static final int SEEK_HOLE = 4;

    public static final int FALLOC_FL_KEEP_SIZE = 1;
    public static final int FALLOC_FL_PUNCH_HOLE = 2;

    public static final int FADV_SEQUENTIAL = 2;
    public static final int FADV_DONTNEED = 4;

    private Flag() {}
}
