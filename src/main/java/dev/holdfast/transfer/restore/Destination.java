package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.PosixException;
import dev.holdfast.transfer.repository.Snapshot;
import dev.holdfast.transfer.tree.Identity;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.TargetDirectory;
import dev.holdfast.transfer.tree.TargetFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a restore goes. Opened once and held to the end: a path that somebody exchanges meanwhile, for a symbolic link
 * for instance, leads nothing astray.
 */
sealed interface Destination extends Closeable {
    /** Tells an exchanged target from the one an earlier attempt has begun to fill. */
    Identity identity() throws IOException;

    /** Whether nothing has been restored, or nothing is left of it. */
    boolean isEmpty() throws IOException;

    /** A block device is never empty. */
    boolean isDevice() throws IOException;

    /** Makes everything that was written durable. */
    void sync() throws IOException;

    /** Path for messages. */
    @Override
    String toString();

    /** @param begun whether an earlier attempt may have written to it; if not it must be empty */
    static Destination open(Path path, Snapshot.Kind kind, boolean begun) throws TransferException {
        return switch (kind) {
            case TREE -> new Tree(begun ? TargetDirectory.resume(path, false) : TargetDirectory.prepare(path));
            case BLOCK -> Image.open(path, begun);
        };
    }

    /** A directory. */
    record Tree(TargetDirectory root) implements Destination {
        @Override
        public Identity identity() throws IOException {
            return root.identity();
        }

        @Override
        public boolean isEmpty() throws IOException {
            return root.isEmpty();
        }

        @Override
        public boolean isDevice() {
            return false;
        }

        @Override
        public void sync() throws IOException {
            root.syncAll();
        }

        @Override
        public void close() throws IOException {
            root.close();
        }

        @Override
        public String toString() {
            return root.toString();
        }
    }

    /** A block device or an image file. */
    record Image(TargetFile file) implements Destination {
        static Image open(Path path, boolean begun) throws TransferException {
            try {
                if (Files.isDirectory(path) || (!begun && Files.isRegularFile(path) && Files.size(path) > 0)) {
                    throw new TransferException(
                            Code.TARGET_NOT_EMPTY,
                            "restore a device to " + path
                                    + ": give a block device, an empty file, or a path where nothing is yet");
                }
                if (Files.exists(path) && !Files.isRegularFile(path)) {
                    return new Image(TargetFile.openDevice(path));
                }
                Files.createDirectories(path.toAbsolutePath().getParent());
                return new Image(TargetFile.openPath(path));
            } catch (IOException e) {
                if (e instanceof PosixException posix && posix.errno() == Errno.EBUSY) {
                    throw inUse(path, e);
                }
                throw Errors.target(path.toString(), e);
            }
        }

        private static TransferException inUse(Path path, IOException why) {
            return new TransferException(
                    Code.TARGET_BUSY,
                    "restore a device to " + path
                            + ": it is in use, mounted or by another restore; end that, or name another device",
                    why);
        }

        @Override
        public Identity identity() throws IOException {
            return file.identity();
        }

        @Override
        public boolean isEmpty() throws IOException {
            return !isDevice() && file.size() == 0;
        }

        @Override
        public boolean isDevice() throws IOException {
            return file.stat().type() != Node.Type.FILE;
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }

        @Override
        public String toString() {
            return file.toString();
        }
    }
}
