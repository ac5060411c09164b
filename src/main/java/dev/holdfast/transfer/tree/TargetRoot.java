package dev.holdfast.transfer.tree;

import dev.holdfast.linux.Reason;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.Posix;
import dev.holdfast.transfer.os.PosixException;
import dev.holdfast.transfer.os.RawName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Makes or takes over the directory that a tree is restored into. */
final class TargetRoot {
    private static final Posix POSIX = Posix.host();

    private TargetRoot() {}

    static TargetDirectory open(Path root, TargetRules rules) throws TransferException {
        try {
            Path parent = root.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            return openOrMake(root, rules);
        } catch (IOException e) {
            throw failed(PosixException.isFull(e) ? Code.TARGET_FULL : Code.TARGET_IO, root, e);
        }
    }

    private static TransferException failed(Code code, Path root, IOException e) {
        return new TransferException(
                code, "prepare restore target " + root + ": " + Reason.of(e) + "; name a place that can be written", e);
    }

    private static TargetDirectory openOrMake(Path root, TargetRules rules) throws IOException, TransferException {
        byte[] path = Names.bytes(root);
        try {
            POSIX.mkdirat(Flag.AT_FDCWD, path, 0700);
        } catch (PosixException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
        Descriptor descriptor = openDirectory(root, path);
        try {
            if (!rules.replace()) {
                requireEmpty(root, descriptor.fd());
            }
            clearAcls(descriptor.fd());
            return TargetDirectory.root(root, descriptor, rules);
        } catch (IOException | TransferException e) {
            descriptor.closeAfter(e);
            throw e;
        }
    }

    private static Descriptor openDirectory(Path root, byte[] path) throws IOException, TransferException {
        try {
            return new Descriptor(POSIX.openat(Flag.AT_FDCWD, path, Flag.O_RDONLY | Flag.O_DIRECTORY, 0));
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOTDIR) {
                throw new TransferException(
                        Code.TARGET_NOT_EMPTY,
                        "restore to " + root + ": it is not a directory; name an absent or empty one",
                        e);
            }
            throw e;
        }
    }

    private static void requireEmpty(Path root, int fd) throws IOException, TransferException {
        byte[] name = foreign(fd);
        if (name != null) {
            throw new TransferException(
                    Code.TARGET_NOT_EMPTY,
                    "restore to " + root + ": the directory is not empty, it holds '" + RawName.display(name)
                            + "'; name an absent or empty directory, or empty this one");
        }
    }

    /** An entry that a new volume does not have, or null. */
    static byte @Nullable [] foreign(int fd) throws IOException {
        AtomicReference<byte @Nullable []> found = new AtomicReference<>();
        POSIX.lseek(fd, 0, 0);
        SourceDirectory.<IOException>each(fd, (records, start, end) -> {
            byte[] name = Arrays.copyOfRange(records, start, end);
            found.set(isNewVolumes(fd, name) ? null : name);
            return found.get() == null;
        });
        return found.get();
    }

    /** A volume fresh from mkfs is empty but for an empty {@code lost+found}. */
    private static boolean isNewVolumes(int fd, byte[] name) throws IOException {
        if (!Arrays.equals(name, Names.LOST_AND_FOUND) || POSIX.statx(fd, name).format() != Flag.S_IFDIR) {
            return false;
        }
        try (Descriptor found = Descriptor.openSource(fd, name, Flag.O_DIRECTORY | Flag.O_NOFOLLOW)) {
            return SourceDirectory.list(found.fd()).isEmpty();
        } catch (PosixException e) {
            return e.errno() == Errno.EACCES;
        }
    }

    /** ACLs inherited from outside are no part of the tree, and would be inherited by everything in it. */
    static void clearAcls(int fd) throws PosixException {
        for (byte[] acl : List.of(Attributes.DEFAULT_ACL, Attributes.ACCESS_ACL)) {
            try {
                POSIX.fremovexattr(fd, acl);
            } catch (PosixException e) {
                switch (e.errno()) {
                    case Errno.ENODATA, Errno.EOPNOTSUPP, Errno.EPERM, Errno.EACCES, Errno.EINVAL -> {}
                    default -> throw e;
                }
            }
        }
    }
}
