package dev.holdfast.transfer.os;

import dev.holdfast.linux.Syscall;

/** {@link Posix} by system calls. */
final class SyscallPosix implements Posix {
    static final SyscallPosix INSTANCE = new SyscallPosix();

    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_BTIME = 0x800;
    private static final int AT_NO_AUTOMOUNT = 0x800;
    private static final int NOFOLLOW = Flag.AT_SYMLINK_NOFOLLOW;
    private static final byte[] NOTHING = {};

    private SyscallPosix() {}

    @Override
    public int openat(int dirfd, byte[] name, int flags, int mode) throws PosixException {
        Scratch s = Scratch.current();
        return (int) done(Syscall.OPENAT.call(dirfd, s.first(name), flags | Flag.O_CLOEXEC, mode), "open", name);
    }

    @Override
    public void close(int fd) throws PosixException {
        long result = Syscall.CLOSE.call(fd);
        if (result != -Errno.EINTR) {
            done(result, "close", fd);
        }
    }

    @Override
    public Stat statx(int dirfd, byte[] name) throws PosixException {
        Scratch s = Scratch.current();
        int flags = NOFOLLOW | AT_NO_AUTOMOUNT;
        done(Syscall.STATX.call(dirfd, s.first(name), flags, STATX_BASIC_STATS, s.statusAddress()), "stat", name);
        return s.status();
    }

    @Override
    public Stat fstatx(int fd) throws PosixException {
        Scratch s = Scratch.current();
        int flags = Flag.AT_EMPTY_PATH;
        done(Syscall.STATX.call(fd, s.first(NOTHING), flags, STATX_BASIC_STATS, s.statusAddress()), "stat", fd);
        return s.status();
    }

    @Override
    public long birth(int fd) throws PosixException {
        Scratch s = Scratch.current();
        int flags = Flag.AT_EMPTY_PATH;
        done(Syscall.STATX.call(fd, s.first(NOTHING), flags, STATX_BTIME, s.statusAddress()), "stat", fd);
        return s.birth();
    }

    @Override
    public int getdents(int fd, byte[] buffer) throws PosixException {
        Scratch s = Scratch.current();
        int most = Math.min(buffer.length, Scratch.TRANSFER);
        int filled = (int) done(Syscall.GETDENTS64.call(fd, s.transfer(), most), "list directory", fd);
        s.take(buffer, 0, filled);
        return filled;
    }

    @Override
    public int pread(int fd, byte[] buffer, int offset, int length, long position) throws PosixException {
        Scratch s = Scratch.current();
        int most = Math.min(length, Scratch.TRANSFER);
        int read = (int) done(Syscall.PREAD64.call(fd, s.transfer(), most, position), "read", fd);
        s.take(buffer, offset, read);
        return read;
    }

    @Override
    public int pwrite(int fd, byte[] buffer, int offset, int length, long position) throws PosixException {
        Scratch s = Scratch.current();
        int most = Math.min(length, Scratch.TRANSFER);
        return (int) done(Syscall.PWRITE64.call(fd, s.put(buffer, offset, most), most, position), "write", fd);
    }

    @Override
    public long lseek(int fd, long offset, int whence) throws PosixException {
        return done(Syscall.LSEEK.call(fd, offset, whence), "seek", fd);
    }

    @Override
    public void ftruncate(int fd, long size) throws PosixException {
        done(Syscall.FTRUNCATE.call(fd, size), "truncate", fd);
    }

    @Override
    public void fallocate(int fd, int mode, long offset, long length) throws PosixException {
        done(Syscall.FALLOCATE.call(fd, mode, offset, length), "fallocate", fd);
    }

    @Override
    public void fdatasync(int fd) throws PosixException {
        done(Syscall.FDATASYNC.call(fd), "fdatasync", fd);
    }

    @Override
    public void fsync(int fd) throws PosixException {
        done(Syscall.FSYNC.call(fd), "fsync", fd);
    }

    @Override
    public void syncfs(int fd) throws PosixException {
        done(Syscall.SYNCFS.call(fd), "syncfs", fd);
    }

    @Override
    public void fadvise(int fd, long offset, long length, int advice) {
        Syscall.FADVISE64.call(fd, offset, length, advice);
    }

    @Override
    public void mknodat(int dirfd, byte[] name, int mode, long device) throws PosixException {
        if (device >>> 32 != 0) {
            throw new PosixException(Errno.EINVAL, "mknod", RawName.display(name)); // The kernel takes 32 bits.
        }
        Scratch s = Scratch.current();
        done(Syscall.MKNODAT.call(dirfd, s.first(name), mode, device), "mknod", name);
    }

    @Override
    public void mkdirat(int dirfd, byte[] name, int mode) throws PosixException {
        Scratch s = Scratch.current();
        done(Syscall.MKDIRAT.call(dirfd, s.first(name), mode), "mkdir", name);
    }

    @Override
    public void symlinkat(byte[] target, int dirfd, byte[] name) throws PosixException {
        Scratch s = Scratch.current();
        done(Syscall.SYMLINKAT.call(s.first(target), dirfd, s.second(name)), "symlink", name);
    }

    @Override
    public void linkat(int fromfd, byte[] from, int dirfd, byte[] name) throws PosixException {
        Scratch s = Scratch.current();
        done(Syscall.LINKAT.call(fromfd, s.first(from), dirfd, s.second(name), 0), "link", name);
    }

    @Override
    public byte[] readlinkat(int dirfd, byte[] name) throws PosixException {
        Scratch s = Scratch.current();
        long length = Syscall.READLINKAT.call(dirfd, s.first(name), s.transfer(), Scratch.TRANSFER);
        return taken(s, done(length, "readlink", name));
    }

    @Override
    public void unlinkat(int dirfd, byte[] name, int flags) throws PosixException {
        Scratch s = Scratch.current();
        done(Syscall.UNLINKAT.call(dirfd, s.first(name), flags), "remove", name);
    }

    @Override
    public void fchownat(int dirfd, byte[] name, int uid, int gid) throws PosixException {
        Scratch s = Scratch.current();
        done(Syscall.FCHOWNAT.call(dirfd, s.first(name), uid, gid, NOFOLLOW), "chown", name);
    }

    @Override
    public void fchown(int fd, int uid, int gid) throws PosixException {
        done(Syscall.FCHOWN.call(fd, uid, gid), "chown", fd);
    }

    /** By way of a descriptor that stands for the entry itself: the call as such follows links. */
    @Override
    public void fchmodat(int dirfd, byte[] name, int mode) throws PosixException {
        int fd = openat(dirfd, name, Flag.O_PATH | Flag.O_NOFOLLOW, 0);
        try {
            done(Syscall.FCHMODAT.call(Flag.AT_FDCWD, Scratch.current().pathOf(fd), mode), "chmod", name);
        } finally {
            close(fd);
        }
    }

    @Override
    public void fchmod(int fd, int mode) throws PosixException {
        done(Syscall.FCHMOD.call(fd, mode), "chmod", fd);
    }

    @Override
    public void utimensat(int dirfd, byte[] name, long seconds, int nanos) throws PosixException {
        Scratch s = Scratch.current();
        done(Syscall.UTIMENSAT.call(dirfd, s.first(name), s.times(seconds, nanos), NOFOLLOW), "set time of", name);
    }

    @Override
    public void futimens(int fd, long seconds, int nanos) throws PosixException {
        Scratch s = Scratch.current();
        done(Syscall.UTIMENSAT.call(fd, 0, s.times(seconds, nanos), 0), "set time of", fd);
    }

    @Override
    public byte[] llistxattr(int dirfd, byte[] name) throws PosixException {
        Scratch s = Scratch.current();
        long length = Syscall.LLISTXATTR.call(s.pathOf(dirfd, name), s.transfer(), Scratch.TRANSFER);
        return taken(s, done(length, "list attributes of", name));
    }

    @Override
    public byte[] flistxattr(int fd) throws PosixException {
        Scratch s = Scratch.current();
        long length = Syscall.FLISTXATTR.call(fd, s.transfer(), Scratch.TRANSFER);
        return taken(s, done(length, "list attributes of", fd));
    }

    @Override
    public byte[] lgetxattr(int dirfd, byte[] name, byte[] attribute) throws PosixException {
        Scratch s = Scratch.current();
        long path = s.pathOf(dirfd, name);
        long length = Syscall.LGETXATTR.call(path, s.second(attribute), s.transfer(), Scratch.TRANSFER);
        return taken(s, done(length, "get attribute of", name));
    }

    @Override
    public byte[] fgetxattr(int fd, byte[] attribute) throws PosixException {
        Scratch s = Scratch.current();
        long length = Syscall.FGETXATTR.call(fd, s.second(attribute), s.transfer(), Scratch.TRANSFER);
        return taken(s, done(length, "get attribute", attribute));
    }

    @Override
    public void lsetxattr(int dirfd, byte[] name, byte[] attribute, byte[] value) throws PosixException {
        Scratch s = Scratch.current();
        long path = s.pathOf(dirfd, name);
        long from = attributeValue(s, attribute, value);
        done(Syscall.LSETXATTR.call(path, s.second(attribute), from, value.length, 0), "set attribute", attribute);
    }

    @Override
    public void fsetxattr(int fd, byte[] attribute, byte[] value) throws PosixException {
        Scratch s = Scratch.current();
        long from = attributeValue(s, attribute, value);
        done(Syscall.FSETXATTR.call(fd, s.second(attribute), from, value.length, 0), "set attribute", attribute);
    }

    @Override
    public void fremovexattr(int fd, byte[] attribute) throws PosixException {
        Scratch s = Scratch.current();
        done(Syscall.FREMOVEXATTR.call(fd, s.second(attribute)), "remove attribute", attribute);
    }

    private static long attributeValue(Scratch s, byte[] attribute, byte[] value) throws PosixException {
        if (value.length > Scratch.TRANSFER) {
            throw new PosixException(Errno.ERANGE, "set attribute", RawName.display(attribute));
        }
        return s.put(value, 0, value.length);
    }

    private static byte[] taken(Scratch s, long length) {
        if (length == 0) {
            return NOTHING;
        }
        byte[] result = new byte[(int) length];
        s.take(result, 0, result.length);
        return result;
    }

    private static long done(long result, String what, byte[] name) throws PosixException {
        if (result < 0) {
            throw new PosixException((int) -result, what, RawName.display(name));
        }
        return result;
    }

    private static long done(long result, String what, int fd) throws PosixException {
        if (result < 0) {
            throw new PosixException((int) -result, what, "fd " + fd);
        }
        return result;
    }
}
