package dev.holdfast.transfer.tree;

import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.Posix;
import dev.holdfast.transfer.os.PosixException;
import dev.holdfast.transfer.os.Stat;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An open file, or block device, that is restored into. Several threads may write different ranges at once; metadata
 * comes last, since writing takes set-id bits and capabilities off again.
 */
public final class TargetFile implements Closeable {
    private static final Posix POSIX = Posix.host();

    private final String display;
    private final Descriptor descriptor;
    private final boolean labels;

    private TargetFile(String display, Descriptor descriptor, boolean labels) {
        this.display = display;
        this.descriptor = descriptor;
        this.labels = labels;
    }

    /** Opens a block device or an image file by its path, following symbolic links; an absent file is made. */
    public static TargetFile openPath(Path path) throws IOException {
        return openPath(path, Flag.O_RDWR | Flag.O_CREAT);
    }

    /**
     * Opens a block device for oneself alone.
     *
     * @throws PosixException EBUSY if it is mounted, is part of something that is in use, or somebody else did the same
     */
    public static TargetFile openDevice(Path path) throws IOException {
        return openPath(path, Flag.O_RDWR | Flag.O_EXCL);
    }

    private static TargetFile openPath(Path path, int flags) throws IOException {
        return checked(path.toString(), new Descriptor(POSIX.openat(Flag.AT_FDCWD, Names.bytes(path), flags, 0600)));
    }

    private static TargetFile checked(String display, Descriptor descriptor) throws IOException {
        TargetFile file = new TargetFile(display, descriptor, false);
        try {
            int format = POSIX.fstatx(descriptor.fd()).format();
            if (format != Flag.S_IFREG && format != Flag.S_IFBLK) {
                throw new IOException("restore to " + display + ": neither a file nor a block device");
            }
            return file;
        } catch (IOException e) {
            descriptor.closeAfter(e);
            throw e;
        }
    }

    static TargetFile create(int directory, byte[] name, String display, boolean labels) throws IOException {
        int flags = Flag.O_RDWR | Flag.O_CREAT | Flag.O_EXCL | Flag.O_NOFOLLOW;
        return new TargetFile(display, new Descriptor(POSIX.openat(directory, name, flags, 0600)), labels);
    }

    static TargetFile open(int directory, byte[] name, String display, boolean labels) throws IOException {
        int flags = Flag.O_RDWR | Flag.O_NOFOLLOW | Flag.O_NONBLOCK;
        Descriptor descriptor = new Descriptor(POSIX.openat(directory, name, flags, 0));
        try {
            if (POSIX.fstatx(descriptor.fd()).format() != Flag.S_IFREG) {
                throw new IOException("open " + display + ": not a file");
            }
            return new TargetFile(display, descriptor, labels);
        } catch (IOException e) {
            descriptor.closeAfter(e);
            throw e;
        }
    }

    /** Writes all of the range. */
    public void write(byte[] buffer, int offset, int length, long position) throws IOException {
        Content.write(descriptor.fd(), buffer, offset, length, position);
    }

    /** Reads {@code length} bytes at {@code position}, fewer only at the end of the file. */
    public int read(byte[] buffer, int offset, int length, long position) throws IOException {
        return Content.read(descriptor.fd(), buffer, offset, length, position);
    }

    /** Bytes in the file, or of the device. */
    public long size() throws IOException {
        Stat stat = POSIX.fstatx(descriptor.fd());
        return stat.format() == Flag.S_IFBLK ? POSIX.lseek(descriptor.fd(), 0, Flag.SEEK_END) : stat.size();
    }

    /**
     * Tells this file or device from any other that may be found in its place. Without an inode where the birth is
     * known: not every file system that images lie on gives a file the same one again.
     */
    public Identity identity() throws IOException {
        Stat stat = POSIX.fstatx(descriptor.fd());
        if (stat.format() == Flag.S_IFBLK) {
            return BlockDevice.of(stat.rdev()).identity();
        }
        long birth = POSIX.birth(descriptor.fd());
        return new Identity(stat.device(), birth == 0 ? stat.inode() : 0, birth);
    }

    /** Sets the size; what is added is a hole. */
    public void truncate(long size) throws IOException {
        POSIX.ftruncate(descriptor.fd(), size);
    }

    /** Makes a range a hole that reads as zeros; false where that is not supported and nothing was changed. */
    public boolean punch(long position, long length) throws IOException {
        try {
            int mode = Flag.FALLOC_FL_PUNCH_HOLE | Flag.FALLOC_FL_KEEP_SIZE;
            POSIX.fallocate(descriptor.fd(), mode, position, length);
            return true;
        } catch (PosixException e) {
            return switch (e.errno()) {
                // The last is what a block device says to a range that is no multiple of its blocks.
                case Errno.EOPNOTSUPP, Errno.ENOSYS, Errno.ENODEV, Errno.EINVAL -> false;
                default -> throw e;
            };
        }
    }

    /** Makes content and size durable. */
    public void sync() throws IOException {
        POSIX.fdatasync(descriptor.fd());
    }

    /** State of the file now. */
    public Node stat() throws IOException {
        return Node.of(POSIX.fstatx(descriptor.fd()));
    }

    /** Puts owner, attributes, permissions and time on the file; after the last write. */
    public void apply(Node node, WarningSink sink) throws IOException {
        new Metadata(new Metadata.Open(descriptor.fd()), node, labels, this::toString, sink).apply();
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
