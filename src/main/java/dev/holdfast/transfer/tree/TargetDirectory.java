package dev.holdfast.transfer.tree;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.Posix;
import dev.holdfast.transfer.os.PosixException;
import dev.holdfast.transfer.os.RawName;
import dev.holdfast.transfer.os.Stat;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An open directory of the tree that is restored. Names come from an archive and are not trusted: one that could lead
 * out of the directory is refused as hostile, and symbolic links are never followed. Holds one descriptor until closed;
 * several threads may use it. Metadata of a directory comes after everything in it.
 */
public final class TargetDirectory implements Closeable {
    private static final Posix POSIX = Posix.host();
    private static final int PRIVATE = 0700;
    private static final byte[] SELF = {'.'};

    private final @Nullable TargetDirectory parent;
    private final String label;
    private final Descriptor descriptor;
    private final TargetRules rules;

    private TargetDirectory(@Nullable TargetDirectory parent, String label, Descriptor fd, TargetRules rules) {
        this.parent = parent;
        this.label = label;
        this.descriptor = fd;
        this.rules = rules;
    }

    /** {@link #prepare(Path, boolean)} without SELinux labels, which are the node's business as a rule. */
    public static TargetDirectory prepare(Path root) throws TransferException {
        return prepare(root, false);
    }

    /**
     * Opens the root of a tree to be restored: makes it if it is absent, and refuses it if anything is in it.
     *
     * @param labels whether SELinux labels are restored
     */
    public static TargetDirectory prepare(Path root, boolean labels) throws TransferException {
        return TargetRoot.open(root, new TargetRules(labels, false));
    }

    /** Opens a root that an earlier attempt has begun to fill; what is in the way of an entry is replaced. */
    public static TargetDirectory resume(Path root, boolean labels) throws TransferException {
        return TargetRoot.open(root, new TargetRules(labels, true));
    }

    static TargetDirectory root(Path root, Descriptor descriptor, TargetRules rules) {
        return new TargetDirectory(null, root.toString(), descriptor, rules);
    }

    /** Makes a directory and opens it; on resume, or for {@code lost+found}, one that is there is taken over. */
    public TargetDirectory makeDirectory(byte[] name) throws IOException, TransferException {
        requireSafe(name);
        try {
            POSIX.mkdirat(descriptor.fd(), name, PRIVATE);
        } catch (PosixException e) {
            boolean taken = rules.replace() || parent == null && Arrays.equals(name, Names.LOST_AND_FOUND);
            if (e.errno() != Errno.EEXIST || !taken) {
                throw e;
            }
            makeRoom(name);
            return takeOver(name);
        }
        return openDirectory(name);
    }

    /** What it says of entries to be made in it would be inherited by them; its own ACLs come back with the rest. */
    private TargetDirectory takeOver(byte[] name) throws IOException, TransferException {
        TargetDirectory taken = openDirectory(name);
        try {
            TargetRoot.clearAcls(taken.descriptor.fd());
            return taken;
        } catch (IOException e) {
            taken.descriptor.closeAfter(e);
            throw e;
        }
    }

    /** Whatever holds the name becomes an accessible directory. */
    private void makeRoom(byte[] name) throws IOException {
        if (POSIX.statx(descriptor.fd(), name).format() != Flag.S_IFDIR) {
            POSIX.unlinkat(descriptor.fd(), name, 0);
            POSIX.mkdirat(descriptor.fd(), name, PRIVATE);
            return;
        }
        makeMine(name, PRIVATE);
    }

    /** Lets this user write to a file that has its mode already. */
    public void makeWritable(byte[] name) throws IOException, TransferException {
        requireSafe(name);
        makeMine(name, 0600);
    }

    /** Of somebody else it is open to root, or to nobody here. */
    private void makeMine(byte[] name, int mode) throws IOException {
        try {
            POSIX.fchmodat(descriptor.fd(), name, mode);
        } catch (PosixException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
        }
    }

    /** Opens a directory that is there. */
    public TargetDirectory openDirectory(byte[] name) throws IOException, TransferException {
        requireSafe(name);
        int flags = Flag.O_RDONLY | Flag.O_DIRECTORY | Flag.O_NOFOLLOW;
        Descriptor opened = new Descriptor(POSIX.openat(descriptor.fd(), name, flags, 0));
        return new TargetDirectory(this, RawName.display(name), opened, rules);
    }

    /** Opens this directory once more, wherever its path leads by now; the other one is closed by itself. */
    public TargetDirectory again() throws IOException {
        int flags = Flag.O_RDONLY | Flag.O_DIRECTORY;
        return new TargetDirectory(parent, label, new Descriptor(POSIX.openat(descriptor.fd(), SELF, flags, 0)), rules);
    }

    /** Tells this directory from any other that may be found in its place. */
    public Identity identity() throws IOException {
        Stat stat = POSIX.fstatx(descriptor.fd());
        return new Identity(stat.device(), stat.inode(), POSIX.birth(descriptor.fd()));
    }

    /** Whether nothing but a new volume's empty {@code lost+found} is in it. */
    public boolean isEmpty() throws IOException {
        return TargetRoot.foreign(descriptor.fd()) == null;
    }

    /** Makes a file that only the restoring user may open until metadata is applied. */
    public TargetFile createFile(byte[] name) throws IOException, TransferException {
        requireSafe(name);
        return making(name, () -> TargetFile.create(descriptor.fd(), name, display(name), rules.labels()));
    }

    /** Opens a file that is there for reading and writing. */
    public TargetFile openFile(byte[] name) throws IOException, TransferException {
        requireSafe(name);
        return TargetFile.open(descriptor.fd(), name, display(name), rules.labels());
    }

    /** Makes a symbolic link; its target is any bytes and is never followed by us. */
    public void symlink(byte[] name, byte[] target) throws IOException, TransferException {
        requireSafe(name);
        making(name, () -> {
            POSIX.symlinkat(target, descriptor.fd(), name);
            return true;
        });
    }

    /**
     * Makes a FIFO, socket or device.
     *
     * @return false when the system does not allow it, which is reported; there is then nothing to apply metadata to
     */
    public boolean special(byte[] name, Node node, WarningSink sink) throws IOException, TransferException {
        requireSafe(name);
        try {
            return making(name, () -> {
                POSIX.mknodat(descriptor.fd(), name, node.type().format() | 0600, node.rdev());
                return true;
            });
        } catch (PosixException e) {
            switch (e.errno()) {
                case Errno.EPERM, Errno.EACCES, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOSYS -> {
                    String what = ": make " + node.type() + ": ";
                    sink.warn(WarningSink.Kind.SPECIAL, display(name) + what + e.getMessage());
                    return false;
                }
                default -> throw e;
            }
        }
    }

    /** Makes {@code name} another name of an entry restored before. */
    public void hardLink(TargetDirectory from, byte[] fromName, byte[] name) throws IOException, TransferException {
        requireSafe(name);
        from.requireSafe(fromName);
        making(name, () -> {
            POSIX.linkat(from.descriptor.fd(), fromName, descriptor.fd(), name);
            return true;
        });
    }

    /** State of an entry, or null when there is none. */
    public @Nullable Node stat(byte[] name) throws IOException, TransferException {
        requireSafe(name);
        try {
            return Node.of(POSIX.statx(descriptor.fd(), name));
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    /** Puts owner, attributes, permissions and time on an entry, never following a symbolic link. */
    public void apply(byte[] name, Node node, WarningSink sink) throws IOException, TransferException {
        requireSafe(name);
        Metadata.Entry entry = new Metadata.Named(descriptor.fd(), name);
        new Metadata(entry, node, rules.labels(), () -> display(name), sink).apply();
    }

    /** Puts metadata on this directory; after everything in it, or its time is not the original one. */
    public void applySelf(Node node, WarningSink sink) throws IOException {
        Metadata.Entry entry = new Metadata.Open(descriptor.fd());
        new Metadata(entry, node, rules.labels(), this::toString, sink).apply();
    }

    /** Makes everything in the file system of this directory durable: which includes what others wrote there. */
    public void syncAll() throws IOException {
        POSIX.syncfs(descriptor.fd());
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
        for (TargetDirectory at = this; at != null; at = at.parent) {
            labels.add(at.label);
        }
        return String.join("/", labels.reversed());
    }

    @FunctionalInterface
    private interface Maker<T> {
        T make() throws IOException;
    }

    private <T> T making(byte[] name, Maker<T> maker) throws IOException {
        try {
            return maker.make();
        } catch (PosixException e) {
            if (e.errno() != Errno.EEXIST || !rules.replace()) {
                throw e;
            }
        }
        POSIX.unlinkat(descriptor.fd(), name, 0);
        return maker.make();
    }

    private void requireSafe(byte[] name) throws TransferException {
        Objects.requireNonNull(name);
        if (!Names.safe(name)) {
            throw new TransferException(
                    Code.HOSTILE_ARCHIVE,
                    "restore '" + RawName.display(name) + "' into " + this
                            + ": the name would lead out of the directory; the repository holds a forged or damaged"
                            + " tree, nothing more of it was restored");
        }
    }
}
