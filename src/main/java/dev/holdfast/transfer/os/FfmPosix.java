package dev.holdfast.transfer.os;

import java.lang.foreign.MemorySegment;

/** {@link Posix} over the C library by way of java.lang.foreign. */
final class FfmPosix implements Posix {
    static final FfmPosix INSTANCE = new FfmPosix();

    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int AT_NO_AUTOMOUNT = 0x800;
    private static final byte[] NOTHING = {};

    private FfmPosix() {}

    /** A call with all its arguments; -1 means that errno was set. */
    @FunctionalInterface
    private interface Call {
        long run() throws Throwable;
    }

    @Override
    public int openat(int dirfd, byte[] name, int flags, int mode) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.first(name);
        int all = flags | Flag.O_CLOEXEC;
        return (int) run(s, "open", name, () -> (int) Downcalls.OPENAT.invokeExact(s.state, dirfd, path, all, mode));
    }

    @Override
    public void close(int fd) throws PosixException {
        Scratch s = Scratch.current();
        long result = once(() -> (int) Downcalls.CLOSE.invokeExact(s.state, fd));
        if (result == -1 && s.errno() != Errno.EINTR) {
            throw new PosixException(s.errno(), "close", "fd " + fd);
        }
    }

    @Override
    public Stat statx(int dirfd, byte[] name) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.first(name);
        int flags = Flag.AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
        run(s, "stat", name, () ->
                (int) Downcalls.STATX.invokeExact(s.state, dirfd, path, flags, STATX_BASIC_STATS, s.status));
        return s.status();
    }

    @Override
    public Stat fstatx(int fd) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.first(NOTHING);
        run(s, "stat", fd, () ->
                (int) Downcalls.STATX.invokeExact(s.state, fd, path, Flag.AT_EMPTY_PATH, STATX_BASIC_STATS, s.status));
        return s.status();
    }

    @Override
    public int getdents(int fd, byte[] buffer) throws PosixException {
        Scratch s = Scratch.current();
        long most = Math.min(buffer.length, Scratch.TRANSFER);
        int filled = (int) run(
                s, "list directory", fd, () -> (long) Downcalls.GETDENTS.invokeExact(s.state, fd, s.transfer, most));
        s.take(buffer, 0, filled);
        return filled;
    }

    @Override
    public int pread(int fd, byte[] buffer, int offset, int length, long position) throws PosixException {
        Scratch s = Scratch.current();
        long most = Math.min(length, Scratch.TRANSFER);
        int read = (int)
                run(s, "read", fd, () -> (long) Downcalls.PREAD.invokeExact(s.state, fd, s.transfer, most, position));
        s.take(buffer, offset, read);
        return read;
    }

    @Override
    public int pwrite(int fd, byte[] buffer, int offset, int length, long position) throws PosixException {
        Scratch s = Scratch.current();
        int most = Math.min(length, Scratch.TRANSFER);
        MemorySegment from = s.put(buffer, offset, most);
        return (int) run(
                s, "write", fd, () -> (long) Downcalls.PWRITE.invokeExact(s.state, fd, from, (long) most, position));
    }

    @Override
    public long lseek(int fd, long offset, int whence) throws PosixException {
        Scratch s = Scratch.current();
        return run(s, "seek", fd, () -> (long) Downcalls.LSEEK.invokeExact(s.state, fd, offset, whence));
    }

    @Override
    public void ftruncate(int fd, long size) throws PosixException {
        Scratch s = Scratch.current();
        run(s, "truncate", fd, () -> (int) Downcalls.FTRUNCATE.invokeExact(s.state, fd, size));
    }

    @Override
    public void fallocate(int fd, int mode, long offset, long length) throws PosixException {
        Scratch s = Scratch.current();
        run(s, "fallocate", fd, () -> (int) Downcalls.FALLOCATE.invokeExact(s.state, fd, mode, offset, length));
    }

    @Override
    public void fdatasync(int fd) throws PosixException {
        Scratch s = Scratch.current();
        run(s, "fdatasync", fd, () -> (int) Downcalls.FDATASYNC.invokeExact(s.state, fd));
    }

    @Override
    public void fsync(int fd) throws PosixException {
        Scratch s = Scratch.current();
        run(s, "fsync", fd, () -> (int) Downcalls.FSYNC.invokeExact(s.state, fd));
    }

    @Override
    public void syncfs(int fd) throws PosixException {
        Scratch s = Scratch.current();
        run(s, "syncfs", fd, () -> (int) Downcalls.SYNCFS.invokeExact(s.state, fd));
    }

    @Override
    public void fadvise(int fd, long offset, long length, int advice) {
        Scratch s = Scratch.current();
        once(() -> (int) Downcalls.FADVISE.invokeExact(s.state, fd, offset, length, advice));
    }

    @Override
    public void mknodat(int dirfd, byte[] name, int mode, long device) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.first(name);
        run(s, "mknod", name, () -> (int) Downcalls.MKNODAT.invokeExact(s.state, dirfd, path, mode, device));
    }

    @Override
    public void mkdirat(int dirfd, byte[] name, int mode) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.first(name);
        run(s, "mkdir", name, () -> (int) Downcalls.MKDIRAT.invokeExact(s.state, dirfd, path, mode));
    }

    @Override
    public void symlinkat(byte[] target, int dirfd, byte[] name) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment content = s.first(target);
        MemorySegment path = s.second(name);
        run(s, "symlink", name, () -> (int) Downcalls.SYMLINKAT.invokeExact(s.state, content, dirfd, path));
    }

    @Override
    public void linkat(int fromfd, byte[] from, int dirfd, byte[] name) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment source = s.first(from);
        MemorySegment path = s.second(name);
        run(s, "link", name, () -> (int) Downcalls.LINKAT.invokeExact(s.state, fromfd, source, dirfd, path, 0));
    }

    @Override
    public byte[] readlinkat(int dirfd, byte[] name) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.first(name);
        int length = (int) run(s, "readlink", name, () ->
                (long) Downcalls.READLINKAT.invokeExact(s.state, dirfd, path, s.transfer, (long) Scratch.TRANSFER));
        return taken(s, length);
    }

    @Override
    public void unlinkat(int dirfd, byte[] name, int flags) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.first(name);
        run(s, "remove", name, () -> (int) Downcalls.UNLINKAT.invokeExact(s.state, dirfd, path, flags));
    }

    @Override
    public void fchownat(int dirfd, byte[] name, int uid, int gid) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.first(name);
        int flags = Flag.AT_SYMLINK_NOFOLLOW;
        run(s, "chown", name, () -> (int) Downcalls.FCHOWNAT.invokeExact(s.state, dirfd, path, uid, gid, flags));
    }

    @Override
    public void fchown(int fd, int uid, int gid) throws PosixException {
        Scratch s = Scratch.current();
        run(s, "chown", fd, () -> (int) Downcalls.FCHOWN.invokeExact(s.state, fd, uid, gid));
    }

    @Override
    public void fchmodat(int dirfd, byte[] name, int mode) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.first(name);
        int flags = Flag.AT_SYMLINK_NOFOLLOW;
        run(s, "chmod", name, () -> (int) Downcalls.FCHMODAT.invokeExact(s.state, dirfd, path, mode, flags));
    }

    @Override
    public void fchmod(int fd, int mode) throws PosixException {
        Scratch s = Scratch.current();
        run(s, "chmod", fd, () -> (int) Downcalls.FCHMOD.invokeExact(s.state, fd, mode));
    }

    @Override
    public void utimensat(int dirfd, byte[] name, long seconds, int nanos) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.first(name);
        MemorySegment times = s.times(seconds, nanos);
        int flags = Flag.AT_SYMLINK_NOFOLLOW;
        run(s, "set time of", name, () -> (int) Downcalls.UTIMENSAT.invokeExact(s.state, dirfd, path, times, flags));
    }

    @Override
    public void futimens(int fd, long seconds, int nanos) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment times = s.times(seconds, nanos);
        run(s, "set time of", fd, () -> (int) Downcalls.FUTIMENS.invokeExact(s.state, fd, times));
    }

    @Override
    public byte[] llistxattr(int dirfd, byte[] name) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.pathOf(dirfd, name);
        int length = (int) run(s, "list attributes of", name, () ->
                (long) Downcalls.LLISTXATTR.invokeExact(s.state, path, s.transfer, (long) Scratch.TRANSFER));
        return taken(s, length);
    }

    @Override
    public byte[] flistxattr(int fd) throws PosixException {
        Scratch s = Scratch.current();
        int length = (int) run(s, "list attributes of", fd, () ->
                (long) Downcalls.FLISTXATTR.invokeExact(s.state, fd, s.transfer, (long) Scratch.TRANSFER));
        return taken(s, length);
    }

    @Override
    public byte[] lgetxattr(int dirfd, byte[] name, byte[] attribute) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.pathOf(dirfd, name);
        MemorySegment key = s.second(attribute);
        int length = (int) run(s, "get attribute of", name, () ->
                (long) Downcalls.LGETXATTR.invokeExact(s.state, path, key, s.transfer, (long) Scratch.TRANSFER));
        return taken(s, length);
    }

    @Override
    public byte[] fgetxattr(int fd, byte[] attribute) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment key = s.second(attribute);
        int length = (int) run(s, "get attribute", attribute, () ->
                (long) Downcalls.FGETXATTR.invokeExact(s.state, fd, key, s.transfer, (long) Scratch.TRANSFER));
        return taken(s, length);
    }

    @Override
    public void lsetxattr(int dirfd, byte[] name, byte[] attribute, byte[] value) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment path = s.pathOf(dirfd, name);
        MemorySegment key = s.second(attribute);
        MemorySegment from = attributeValue(s, attribute, value);
        long size = value.length;
        run(s, "set attribute", attribute, () ->
                (int) Downcalls.LSETXATTR.invokeExact(s.state, path, key, from, size, 0));
    }

    @Override
    public void fsetxattr(int fd, byte[] attribute, byte[] value) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment key = s.second(attribute);
        MemorySegment from = attributeValue(s, attribute, value);
        long size = value.length;
        run(s, "set attribute", attribute, () ->
                (int) Downcalls.FSETXATTR.invokeExact(s.state, fd, key, from, size, 0));
    }

    @Override
    public void fremovexattr(int fd, byte[] attribute) throws PosixException {
        Scratch s = Scratch.current();
        MemorySegment key = s.second(attribute);
        run(s, "remove attribute", attribute, () -> (int) Downcalls.FREMOVEXATTR.invokeExact(s.state, fd, key));
    }

    private static MemorySegment attributeValue(Scratch s, byte[] attribute, byte[] value) throws PosixException {
        if (value.length > Scratch.TRANSFER) {
            throw new PosixException(Errno.ERANGE, "set attribute", RawName.display(attribute));
        }
        return s.put(value, 0, value.length);
    }

    private static byte[] taken(Scratch s, int length) {
        if (length == 0) {
            return NOTHING;
        }
        byte[] result = new byte[length];
        s.take(result, 0, length);
        return result;
    }

    private static long run(Scratch s, String what, byte[] name, Call call) throws PosixException {
        long result = repeated(s, call);
        if (result == -1) {
            throw new PosixException(s.errno(), what, RawName.display(name));
        }
        return result;
    }

    private static long run(Scratch s, String what, int fd, Call call) throws PosixException {
        long result = repeated(s, call);
        if (result == -1) {
            throw new PosixException(s.errno(), what, "fd " + fd);
        }
        return result;
    }

    private static long repeated(Scratch s, Call call) {
        long result;
        do {
            result = once(call);
        } while (result == -1 && s.errno() == Errno.EINTR);
        return result;
    }

    private static long once(Call call) {
        try {
            return call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a call of the C library threw", e);
        }
    }
}
