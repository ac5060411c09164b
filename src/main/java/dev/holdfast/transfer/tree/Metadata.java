package dev.holdfast.transfer.tree;

import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.Posix;
import dev.holdfast.transfer.os.PosixException;
import dev.holdfast.transfer.os.Stat;
import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Puts owner, attributes, permissions and time on a restored entry, in the one order in which no step undoes an earlier
 * one: a change of owner clears set-id bits and capabilities, and a file that may no longer be written takes no
 * attributes.
 */
final class Metadata {
    private static final Posix POSIX = Posix.host();
    private static final int SET_UID = 04000;
    private static final int SET_GID = 02000;
    private static final int KEEP = -1;

    private final Entry entry;
    private final Node node;
    private final boolean labels;
    private final Supplier<String> display;
    private final WarningSink sink;

    /** @param labels whether SELinux labels are restored too */
    Metadata(Entry entry, Node node, boolean labels, Supplier<String> display, WarningSink sink) {
        this.entry = entry;
        this.node = node;
        this.labels = labels;
        this.display = display;
        this.sink = sink;
    }

    /** The entry that is changed: by name in a directory, or open. */
    sealed interface Entry {
        void chown(int uid, int gid) throws PosixException;

        void chmod(int mode) throws PosixException;

        void attribute(byte[] name, byte[] value) throws PosixException;

        void time(long seconds, int nanos) throws PosixException;

        Stat stat() throws PosixException;
    }

    @SuppressWarnings("ArrayRecordComponent")
    record Named(int directory, byte[] name) implements Entry {
        @Override
        public void chown(int uid, int gid) throws PosixException {
            POSIX.fchownat(directory, name, uid, gid);
        }

        @Override
        public void chmod(int mode) throws PosixException {
            POSIX.fchmodat(directory, name, mode);
        }

        @Override
        public void attribute(byte[] attribute, byte[] value) throws PosixException {
            POSIX.lsetxattr(directory, name, attribute, value);
        }

        @Override
        public void time(long seconds, int nanos) throws PosixException {
            POSIX.utimensat(directory, name, seconds, nanos);
        }

        @Override
        public Stat stat() throws PosixException {
            return POSIX.statx(directory, name);
        }
    }

    record Open(int fd) implements Entry {
        @Override
        public void chown(int uid, int gid) throws PosixException {
            POSIX.fchown(fd, uid, gid);
        }

        @Override
        public void chmod(int mode) throws PosixException {
            POSIX.fchmod(fd, mode);
        }

        @Override
        public void attribute(byte[] attribute, byte[] value) throws PosixException {
            POSIX.fsetxattr(fd, attribute, value);
        }

        @Override
        public void time(long seconds, int nanos) throws PosixException {
            POSIX.futimens(fd, seconds, nanos);
        }

        @Override
        public Stat stat() throws PosixException {
            return POSIX.fstatx(fd);
        }
    }

    void apply() throws PosixException {
        int refused = owner();
        for (Xattr xattr : node.xattrs()) {
            if (labels || !Arrays.equals(xattr.name(), Attributes.SELINUX)) {
                attribute(xattr);
            }
        }
        if (node.type() != Node.Type.SYMLINK) {
            permissions(refused);
        }
        try {
            entry.time(node.mtimeSeconds(), node.mtimeNanos());
        } catch (PosixException e) {
            tolerate(e, Kind.TIMES, "set modification time");
        }
    }

    /** Returns the set-id bits that would give somebody else's rights away, as the owner could not be set. */
    private int owner() throws PosixException {
        try {
            entry.chown(node.uid(), node.gid());
            return 0;
        } catch (PosixException e) {
            String ids = Integer.toUnsignedString(node.uid()) + ":" + Integer.toUnsignedString(node.gid());
            tolerate(e, Kind.OWNER, "set owner " + ids);
        }
        int directories = node.type() == Node.Type.DIRECTORY ? SET_GID : 0;
        try {
            entry.chown(KEEP, node.gid());
            return SET_UID;
        } catch (PosixException e) {
            tolerates(e);
            return (SET_UID | SET_GID) & ~directories;
        }
    }

    private void attribute(Xattr xattr) throws PosixException {
        try {
            entry.attribute(xattr.name(), xattr.value());
        } catch (PosixException e) {
            boolean full = e.errno() == Errno.ENOSPC;
            if (full) {
                warn(Kind.XATTR, "set " + xattr.label(), e);
            } else {
                tolerate(e, Kind.XATTR, "set " + xattr.label());
            }
        }
    }

    private void permissions(int refused) throws PosixException {
        int mode = node.mode() & ~refused;
        try {
            entry.chmod(mode);
            boolean lost = mode != node.mode();
            if (!lost && (mode & SET_GID) != 0) {
                lost = (entry.stat().mode() & SET_GID) == 0;
            }
            if (lost) {
                sink.warn(
                        Kind.MODE,
                        display.get() + ": left out set-id bits of mode " + Integer.toOctalString(node.mode())
                                + ": the owner is not the original one");
            }
        } catch (PosixException e) {
            tolerate(e, Kind.MODE, "set mode " + Integer.toOctalString(node.mode()));
        }
    }

    private void tolerate(PosixException e, Kind kind, String what) throws PosixException {
        tolerates(e);
        warn(kind, what, e);
    }

    /** Lack of privilege or support is reported and passed over; a file system in trouble is not. */
    private static void tolerates(PosixException e) throws PosixException {
        switch (e.errno()) {
            case Errno.EPERM,
                    Errno.EACCES,
                    Errno.EOPNOTSUPP,
                    Errno.ENOSYS,
                    Errno.EINVAL,
                    Errno.ERANGE,
                    Errno.E2BIG,
                    Errno.ENODATA -> {}
            default -> throw e;
        }
    }

    private void warn(Kind kind, String what, PosixException e) {
        sink.warn(kind, display.get() + ": " + what + ": " + e.getMessage());
    }
}
