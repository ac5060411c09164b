package dev.holdfast.transfer.tree;

import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.Posix;
import dev.holdfast.transfer.os.PosixException;
import dev.holdfast.transfer.os.Stat;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * An open file, or block device, of which content is read. All methods but {@link #close} may be called by several
 * threads at once.
 */
public final class SourceFile implements Closeable {
    private static final Posix POSIX = Posix.host();

    private final String display;
    private final Descriptor descriptor;
    private final Stat opened;

    private SourceFile(String display, Descriptor descriptor, Stat opened) {
        this.display = display;
        this.descriptor = descriptor;
        this.opened = opened;
    }

    /** Opens a block device or an image file by its path, following symbolic links. */
    public static SourceFile openPath(Path path) throws IOException {
        Descriptor descriptor = Descriptor.openSource(Flag.AT_FDCWD, Names.bytes(path), Flag.O_NONBLOCK);
        return checked(path.toString(), descriptor, true);
    }

    /** Whether {@link #openPath} takes it; what cannot be looked at is left to that to explain. */
    public static boolean isFileOrDevice(Path path) {
        try {
            int format =
                    POSIX.statx(Flag.AT_FDCWD, Names.bytes(path.toRealPath())).format();
            return format == Flag.S_IFREG || format == Flag.S_IFBLK;
        } catch (IOException e) {
            return true;
        }
    }

    static SourceFile open(int directory, byte[] name, String display) throws IOException {
        return checked(display, Descriptor.openSource(directory, name, Flag.O_NOFOLLOW | Flag.O_NONBLOCK), false);
    }

    private static SourceFile checked(String display, Descriptor descriptor, boolean devices) throws IOException {
        try {
            Stat stat = POSIX.fstatx(descriptor.fd());
            if (stat.format() != Flag.S_IFREG && !(devices && stat.format() == Flag.S_IFBLK)) {
                throw new IOException("open " + display + ": no longer a file; it was replaced meanwhile");
            }
            return new SourceFile(display, descriptor, stat);
        } catch (IOException e) {
            descriptor.closeAfter(e);
            throw e;
        }
    }

    /** The state of the open file now; compare with an earlier one to see whether it changed while being read. */
    public Node stat() throws IOException {
        return Node.of(POSIX.fstatx(descriptor.fd()));
    }

    /** Completes what {@link #stat} gave with attributes and ACLs. What cannot be read is left out and reported. */
    public Node describe(Node stat, WarningSink sink) throws IOException {
        List<Xattr> xattrs = Attributes.of(descriptor.fd(), this::toString, sink);
        return xattrs.isEmpty() ? stat : stat.with(null, xattrs);
    }

    /** Bytes in the file, or of the device. */
    public long size() throws IOException {
        return opened.format() == Flag.S_IFBLK
                ? POSIX.lseek(descriptor.fd(), 0, Flag.SEEK_END)
                : POSIX.fstatx(descriptor.fd()).size();
    }

    /** Reads {@code length} bytes at {@code position}, fewer only at the end of the file; 0 behind the end. */
    public int read(byte[] buffer, int offset, int length, long position) throws IOException {
        return Content.read(descriptor.fd(), buffer, offset, length, position);
    }

    /** The first position at or after {@code position} that is not in a hole; -1 when there is none. */
    public long nextData(long position) throws IOException {
        try {
            return POSIX.lseek(descriptor.fd(), position, Flag.SEEK_DATA);
        } catch (PosixException e) {
            if (e.errno() == Errno.ENXIO) {
                return -1;
            }
            if (holesUnknown(e)) {
                return position < size() ? position : -1;
            }
            throw e;
        }
    }

    /** The first position at or after {@code position} that is in a hole, or the size of the file. */
    public long nextHole(long position) throws IOException {
        try {
            return POSIX.lseek(descriptor.fd(), position, Flag.SEEK_HOLE);
        } catch (PosixException e) {
            if (e.errno() == Errno.ENXIO || holesUnknown(e)) {
                return size();
            }
            throw e;
        }
    }

    private static boolean holesUnknown(PosixException e) {
        return e.errno() == Errno.EINVAL || e.errno() == Errno.EOPNOTSUPP;
    }

    /** Tells the kernel that the file is going to be read from front to back. */
    public void sequential() {
        POSIX.fadvise(descriptor.fd(), 0, 0, Flag.FADV_SEQUENTIAL);
    }

    /** Tells the kernel that a range need not stay cached for us, so applications keep their cache. */
    public void dontNeed(long position, long length) {
        POSIX.fadvise(descriptor.fd(), position, length, Flag.FADV_DONTNEED);
    }

    @Override
    public void close() throws IOException {
        descriptor.close();
    }

    @Override
    public String toString() {
        return display;
    }
}
