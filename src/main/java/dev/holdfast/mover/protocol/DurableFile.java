package dev.holdfast.mover.protocol;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Small files that are replaced as a whole: a reader, or a crash, sees the old content or the new one. */
public final class DurableFile {
    private DurableFile() {}

    /** Replaces {@code target} and returns when both its content and its name are on the disk. Mode 0600. */
    public static void replace(Path target, byte[] content) throws IOException {
        Path aside = aside(target);
        write(aside, content, true);
        move(aside, target);
        syncDirectory(target);
    }

    /** Replaces {@code target}. Gone, old or empty after a loss of power: for what means nothing then. Mode 0600. */
    static void swap(Path target, byte[] content) throws IOException {
        Path aside = aside(target);
        write(aside, content, false);
        move(aside, target);
    }

    /** A name next to {@code target} for what is not finished; one per process. */
    static Path aside(Path target) {
        return target.resolveSibling(
                "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    }

    static void write(Path file, byte[] content, boolean durable) throws IOException {
        Files.deleteIfExists(file);
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel channel =
                FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            if (durable) {
                channel.force(true);
            }
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    static void move(Path aside, Path target) throws IOException {
        Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void syncDirectory(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
