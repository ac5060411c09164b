package dev.holdfast.backup.archive;

import dev.holdfast.backup.archive.ArchiveException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Unpacks an archive: {@code <target>/resources/…}, each object once, readable by its owner only. */
public final class Extraction {
    private static final FileAttribute<?> PRIVATE_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private Extraction() {}

    /**
     * Unpacks what {@code wanted} says. Reads all of the archive before it writes anything, so that a hostile or
     * damaged one leaves nothing behind.
     *
     * @param target absent or empty
     * @return how many objects
     */
    public static long run(ArchiveSource archive, Path target, Predicate<ArchivePath> wanted) throws ArchiveException {
        try {
            prepare(target);
            Fit fit = new Fit(target);
            each(archive, wanted, fit);
            fit.requireRoom();
            return each(archive, wanted, item -> write(fit.place(item.path()), item.json()));
        } catch (IOException e) {
            throw new ArchiveException(
                    Code.TARGET, "unpack archive " + archive.name() + " to " + target + ": " + e.getMessage(), e);
        }
    }

    private interface Sink {
        void take(ArchiveReader.Item item) throws IOException;
    }

    /** Whether everything can be written where it belongs, before anything is. */
    private static final class Fit implements Sink {
        private static final int FILE_NAME_BYTES_MAX = 255;

        private final Path target;
        private long bytes;

        Fit(Path target) {
            this.target = target;
        }

        @Override
        public void take(ArchiveReader.Item item) throws IOException {
            bytes += item.json().length;
            for (Path part : place(item.path())) {
                if (part.toString().getBytes(StandardCharsets.UTF_8).length > FILE_NAME_BYTES_MAX) {
                    throw new IOException("\"" + part + "\" is longer than a file name may be; leave it out");
                }
            }
        }

        void requireRoom() throws IOException {
            long room = Files.getFileStore(target).getUsableSpace();
            if (bytes > room) {
                throw new IOException("it needs " + bytes + " bytes, " + room + " are free");
            }
        }

        Path place(ArchivePath path) throws IOException {
            try {
                return target.resolve(path.plain());
            } catch (InvalidPathException e) {
                throw new IOException(
                        "\"" + path.plain() + "\" cannot be a file name in this locale; set LC_ALL=C.UTF-8", e);
            }
        }
    }

    private static long each(ArchiveSource archive, Predicate<ArchivePath> wanted, Sink sink)
            throws ArchiveException, IOException {
        long count = 0;
        try (ArchiveReader reader = new ArchiveReader(archive)) {
            for (ArchiveReader.Item item = reader.next(); item != null; item = reader.next()) {
                if (wanted.test(item.path())) {
                    sink.take(item);
                    count++;
                }
            }
        }
        return count;
    }

    private static void prepare(Path target) throws IOException, ArchiveException {
        Files.createDirectories(target, PRIVATE_FOLDER);
        try (Stream<Path> entries = Files.list(target)) {
            if (entries.findAny().isPresent()) {
                throw new ArchiveException(
                        Code.TARGET, "unpack to " + target + ": it is not empty; give an empty folder");
            }
        }
    }

    private static void write(Path file, byte[] json) throws IOException {
        Files.createDirectories(file.getParent(), PRIVATE_FOLDER);
        // An archive that names an object twice means the later one, as with Velero.
        Files.deleteIfExists(file);
        try (var channel = Files.newByteChannel(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer rest = ByteBuffer.wrap(json);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        }
    }
}
