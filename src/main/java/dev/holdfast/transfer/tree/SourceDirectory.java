package dev.holdfast.transfer.tree;

import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.Posix;
import dev.holdfast.transfer.os.PosixException;
import dev.holdfast.transfer.os.RawName;
import java.io.Closeable;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An open directory of the tree that is read. Holds one descriptor until closed. {@link #names} is for one thread at a
 * time; everything else may be called by several threads.
 */
public final class SourceDirectory implements Closeable {
    private static final Posix POSIX = Posix.host();
    private static final int LISTING = 64 << 10;
    private static final int DIRENT_LENGTH = 16;
    private static final int DIRENT_NAME = 19;
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private final @Nullable SourceDirectory parent;
    private final String label;
    private final Descriptor descriptor;

    private SourceDirectory(@Nullable SourceDirectory parent, String label, Descriptor descriptor) {
        this.parent = parent;
        this.label = label;
        this.descriptor = descriptor;
    }

    /** Opens the root of a tree. A symbolic link is followed here, and nowhere below. */
    public static SourceDirectory open(Path root) throws IOException {
        Descriptor descriptor = Descriptor.openSource(Flag.AT_FDCWD, Names.bytes(root), Flag.O_DIRECTORY);
        return new SourceDirectory(null, root.toString(), descriptor);
    }

    /** Opens a directory in this one; fails if the name has become something else, such as a symbolic link. */
    public SourceDirectory open(byte[] name) throws IOException {
        Descriptor opened = Descriptor.openSource(descriptor.fd(), name, Flag.O_DIRECTORY | Flag.O_NOFOLLOW);
        return new SourceDirectory(this, RawName.display(name), opened);
    }

    /** Names of all entries in the order of their unsigned bytes. */
    public List<byte[]> names() throws IOException {
        POSIX.lseek(descriptor.fd(), 0, 0);
        return list(descriptor.fd());
    }

    static List<byte[]> list(int fd) throws PosixException {
        NameList names = new NameList();
        each(fd, (records, start, end) -> {
            names.add(records, start, end);
            return true;
        });
        return names.sorted();
    }

    /** Hears of each name, where it lies; says whether to go on. */
    interface Visitor<E extends Exception> {
        boolean visit(byte[] records, int start, int end) throws E;
    }

    /** Visits the names of all entries from where the descriptor stands, in no order. */
    static <E extends Exception> void each(int fd, Visitor<E> visitor) throws PosixException, E {
        byte[] records = new byte[LISTING];
        int filled;
        while ((filled = POSIX.getdents(fd, records)) > 0) {
            int at = 0;
            while (at < filled) {
                int start = at + DIRENT_NAME;
                int end = start;
                while (records[end] != 0) {
                    end++;
                }
                if (!Names.isDots(records, start, end) && !visitor.visit(records, start, end)) {
                    return;
                }
                at += Short.toUnsignedInt((short) SHORT.get(records, at + DIRENT_LENGTH));
            }
        }
    }

    /** State of an entry, without link target and attributes. One system call. */
    public Node stat(byte[] name) throws IOException {
        return Node.of(POSIX.statx(descriptor.fd(), name));
    }

    /**
     * Completes what {@link #stat} gave with link target, attributes and ACLs. What cannot be read is left out and
     * reported.
     */
    public Node describe(byte[] name, Node stat, WarningSink sink) throws IOException {
        byte[] target = stat.type() == Node.Type.SYMLINK ? POSIX.readlinkat(descriptor.fd(), name) : null;
        List<Xattr> xattrs = Attributes.of(descriptor.fd(), name, () -> display(name), sink);
        return target == null && xattrs.isEmpty() ? stat : stat.with(target, xattrs);
    }

    /** This directory itself with attributes and ACLs. */
    public Node describeSelf(WarningSink sink) throws IOException {
        Node stat = Node.of(POSIX.fstatx(descriptor.fd()));
        return stat.with(null, Attributes.of(descriptor.fd(), this::toString, sink));
    }

    /** Opens a file in this directory; fails if the name has become something else, such as a FIFO or a link. */
    public SourceFile openFile(byte[] name) throws IOException {
        return SourceFile.open(descriptor.fd(), name, display(name));
    }

    /** Path of an entry for messages; never to be opened. */
    public String display(byte[] name) {
        return this + "/" + RawName.display(name);
    }

    @Override
    public void close() throws IOException {
        descriptor.close();
    }

    /** Path of this directory for messages. */
    @Override
    public String toString() {
        List<String> labels = new ArrayList<>();
        for (SourceDirectory at = this; at != null; at = at.parent) {
            labels.add(at.label);
        }
        return String.join("/", labels.reversed());
    }
}
