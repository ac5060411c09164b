package dev.holdfast.transfer.os;

/**
 * File system calls of Linux in primitive terms: descriptors are ints, names are bytes without the closing NUL, buffers
 * are heap arrays. Named and ordered as in section 2 of the manual; flags are in {@link Flag}. Safe for use by any
 * number of threads. Interrupted calls are repeated.
 */
public interface Posix {
    /** The calls of the system this program runs on. */
    static Posix host() {
        return SyscallPosix.INSTANCE;
    }

    /** Opens {@code name} relative to {@code dirfd}; the descriptor is never inherited by child processes. */
    int openat(int dirfd, byte[] name, int flags, int mode) throws PosixException;

    /** Closes; the descriptor is gone whatever is reported. */
    void close(int fd) throws PosixException;

    /** Status of {@code name} in {@code dirfd}, never following a symbolic link. */
    Stat statx(int dirfd, byte[] name) throws PosixException;

    /** Status of an open file. */
    Stat fstatx(int fd) throws PosixException;

    /** When an open file was made, in nanoseconds; 0 where the file system does not say. */
    long birth(int fd) throws PosixException;

    /**
     * Fills {@code buffer} with the next {@code linux_dirent64} records of a directory.
     *
     * @return bytes filled; 0 at the end
     */
    int getdents(int fd, byte[] buffer) throws PosixException;

    /** Reads at most {@code length} bytes at {@code position}; may read fewer; 0 at the end. */
    int pread(int fd, byte[] buffer, int offset, int length, long position) throws PosixException;

    /** Writes at most {@code length} bytes at {@code position}; may write fewer. */
    int pwrite(int fd, byte[] buffer, int offset, int length, long position) throws PosixException;

    /** Moves or searches; see {@link Flag#SEEK_DATA}. */
    long lseek(int fd, long offset, int whence) throws PosixException;

    void ftruncate(int fd, long size) throws PosixException;

    void fallocate(int fd, int mode, long offset, long length) throws PosixException;

    void fdatasync(int fd) throws PosixException;

    void fsync(int fd) throws PosixException;

    /** Makes everything written to the file system of {@code fd} durable. */
    void syncfs(int fd) throws PosixException;

    /** Hints are hints: failure is not reported. */
    void fadvise(int fd, long offset, long length, int advice);

    /** @param mode type and permissions */
    void mknodat(int dirfd, byte[] name, int mode, long device) throws PosixException;

    void mkdirat(int dirfd, byte[] name, int mode) throws PosixException;

    void symlinkat(byte[] target, int dirfd, byte[] name) throws PosixException;

    /** Links the entry itself, also when it is a symbolic link. */
    void linkat(int fromfd, byte[] from, int dirfd, byte[] name) throws PosixException;

    byte[] readlinkat(int dirfd, byte[] name) throws PosixException;

    /** @param flags 0, or the kernel's {@code AT_REMOVEDIR} for an empty directory */
    void unlinkat(int dirfd, byte[] name, int flags) throws PosixException;

    /** Never follows; -1 leaves an id as it is. */
    void fchownat(int dirfd, byte[] name, int uid, int gid) throws PosixException;

    void fchown(int fd, int uid, int gid) throws PosixException;

    /** Never follows; not for symbolic links, which have no mode. */
    void fchmodat(int dirfd, byte[] name, int mode) throws PosixException;

    void fchmod(int fd, int mode) throws PosixException;

    /** Sets the modification time and leaves the access time; never follows. */
    void utimensat(int dirfd, byte[] name, long seconds, int nanos) throws PosixException;

    void futimens(int fd, long seconds, int nanos) throws PosixException;

    /** Names of all extended attributes, each closed by NUL; never follows. */
    byte[] llistxattr(int dirfd, byte[] name) throws PosixException;

    byte[] flistxattr(int fd) throws PosixException;

    byte[] lgetxattr(int dirfd, byte[] name, byte[] attribute) throws PosixException;

    byte[] fgetxattr(int fd, byte[] attribute) throws PosixException;

    void lsetxattr(int dirfd, byte[] name, byte[] attribute, byte[] value) throws PosixException;

    void fsetxattr(int fd, byte[] attribute, byte[] value) throws PosixException;

    void fremovexattr(int fd, byte[] attribute) throws PosixException;
}
