package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.Disk;
import dev.holdfast.transfer.tree.TargetFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Objects as files below a directory, on any file system with hard links and locks.
 *
 * <pre>
 *   packs/s1/1-0            an object
 *   packs/s1/1-1.part       an upload, locked by its writer
 *   packs/s1/.tmp-...       an object being put; a crash may leave it behind, nobody looks at it
 * </pre>
 */
final class FileBlobStore implements BlobStore {
    static final String PART = ".part";
    private static final String TEMPORARY = ".tmp-";

    private final Path root;

    FileBlobStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public String location() {
        return root.toString();
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        Path target = path(name);
        if (isThere(target)) {
            Disk.syncFolder(parent(target)); // Whoever made it may not have come so far.
            return false;
        }
        Path folder = makeFolder(target);
        Path temporary = folder.resolve(TEMPORARY + UUID.randomUUID());
        try {
            Files.createFile(temporary);
            try (TargetFile file = TargetFile.openPath(temporary)) {
                file.write(content, 0, content.length, 0);
                file.sync();
            }
            Files.createLink(target, temporary);
            Disk.syncFolder(folder);
            return true;
        } catch (FileAlreadyExistsException taken) {
            Disk.syncFolder(folder);
            return false;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    @Override
    public void confirm(String name) throws IOException {
        Disk.syncFolder(parent(path(name)));
    }

    @Override
    public byte[] get(String name, int max) throws IOException {
        try (RandomAccessFile file = openToRead(path(name))) {
            long size = file.length();
            if (size > max) {
                throw new IOException(locationOf(name) + " has " + size + " bytes, more than the limit of " + max);
            }
            byte[] all = new byte[(int) size];
            read(file, 0, all, all.length);
            return all;
        }
    }

    @Override
    public void read(String name, long offset, byte[] into, int length) throws IOException {
        try (RandomAccessFile file = openToRead(path(name))) {
            read(file, offset, into, length);
        }
    }

    @Override
    public long size(String name) throws IOException {
        return Files.size(path(name));
    }

    @Override
    public boolean exists(String name) throws IOException {
        return isThere(path(name));
    }

    /** Not to be able to look is another thing than to find nothing, and an exception. */
    static boolean isThere(Path path) throws IOException {
        try {
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return true;
        } catch (NoSuchFileException absent) {
            return false;
        }
    }

    @Override
    public Instant modified(String name) throws IOException {
        return Files.getLastModifiedTime(path(name)).toInstant();
    }

    @Override
    public Instant now() throws IOException {
        Path probe = root.resolve(TEMPORARY + UUID.randomUUID());
        try {
            return Files.getLastModifiedTime(Files.createFile(probe)).toInstant();
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    @Override
    public List<String> list(String folder) throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : filesBelow(folder)) {
            if (!name.endsWith(PART)) {
                names.add(name);
            }
        }
        return names;
    }

    /** A change of one's own makes a client of NFS ask its server again, which lists from memory for up to a minute. */
    @Override
    public void refresh(String folder) {
        try {
            Path probe = folderPath(folder).resolve(TEMPORARY + UUID.randomUUID());
            Files.delete(Files.createFile(probe));
        } catch (IOException unwritable) {
            // Read only, or not there: the list is what can be had.
        }
    }

    @Override
    public void delete(String name) throws IOException {
        Path target = path(name);
        if (Files.deleteIfExists(target)) {
            Disk.syncFolder(parent(target));
        }
    }

    @Override
    public Upload upload(String name) throws IOException {
        Path target = path(name);
        makeFolder(target);
        return FileUpload.create(target, part(target));
    }

    @Override
    public List<Partial> partials(String folder) throws IOException {
        Path start = folderPath(folder);
        List<Partial> partials = new ArrayList<>();
        for (String name : namesIn(start)) {
            if (name.endsWith(PART) && !name.startsWith(".")) {
                String object = folder + name.substring(0, name.length() - PART.length());
                partials.add(new FilePartial(object, path(object), start.resolve(name)));
            }
        }
        return partials;
    }

    /** Sorted; none of a folder that is not there. Asks nothing of the entries themselves: there may be many. */
    private static List<String> namesIn(Path folder) throws IOException {
        try {
            return entriesOf(folder).stream()
                    .map(entry -> String.valueOf(entry.getFileName()))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException | NotDirectoryException none) {
            return List.of();
        }
    }

    private List<String> filesBelow(String folder) throws IOException {
        List<String> names = new ArrayList<>();
        collect(folderPath(folder), names);
        names.sort(null);
        return names;
    }

    private Path folderPath(String folder) {
        return path(folder.endsWith("/") ? folder.substring(0, folder.length() - 1) : folder);
    }

    private void collect(Path folder, List<String> names) throws IOException {
        List<Path> entries;
        try {
            entries = entriesOf(folder);
        } catch (NoSuchFileException none) {
            return;
        }
        for (Path entry : entries) {
            if (String.valueOf(entry.getFileName()).startsWith(".")) {
                continue; // Nothing of ours: what was being put, or what NFS keeps of a file that was open.
            }
            if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                collect(entry, names);
            } else {
                names.add(root.relativize(entry).toString());
            }
        }
    }

    private static List<Path> entriesOf(Path folder) throws IOException {
        try (Stream<Path> stream = Files.list(folder)) {
            return stream.toList();
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    /** Nothing is put among packs, which are many. */
    @Override
    public void removeLeftovers(Instant before) throws IOException {
        removeLeftovers(root, before);
        for (String folder : List.of("index", "snapshots")) {
            removeLeftovers(root.resolve(folder), before);
        }
        Path sessions = root.resolve("sessions");
        for (String session : namesIn(sessions)) {
            removeLeftovers(sessions.resolve(session), before);
        }
    }

    private static void removeLeftovers(Path folder, Instant before) throws IOException {
        for (String name : namesIn(folder)) {
            Path entry = folder.resolve(name);
            try {
                if (name.startsWith(TEMPORARY)
                        && Files.getLastModifiedTime(entry, LinkOption.NOFOLLOW_LINKS)
                                .toInstant()
                                .isBefore(before)) {
                    Files.deleteIfExists(entry);
                }
            } catch (NoSuchFileException gone) {
                // It was no leftover.
            }
        }
    }

    /** An object or anything else that is here, if there is something; what a new file system holds does not count. */
    Optional<String> anything() throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> !name.equals("lost+found") && !name.startsWith(TEMPORARY))
                    .findFirst();
        }
    }

    /** Refuses every name but plain words joined by single slashes. */
    private Path path(String name) {
        for (String part : name.split("/", -1)) {
            if (part.isEmpty() || part.startsWith(".") || part.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("no name for an object of " + root + ": '" + name + "'");
            }
        }
        return root.resolve(name);
    }

    private static Path part(Path target) {
        return target.resolveSibling(target.getFileName() + PART);
    }

    static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    private Path makeFolder(Path target) throws IOException {
        Path folder = parent(target);
        if (!Files.isDirectory(folder)) {
            makeFolder(folder);
            try {
                Files.createDirectory(folder);
            } catch (FileAlreadyExistsException other) {
                // Another writer was faster.
            }
            Disk.syncFolder(parent(folder));
        }
        return folder;
    }

    private static RandomAccessFile openToRead(Path path) throws IOException {
        // RandomAccessFile and not FileChannel: an interrupt must not close a file under other threads.
        if (Files.notExists(path)) { // not known to exist is another thing: a folder that we may not look into
            throw new NoSuchFileException(path.toString());
        }
        return new RandomAccessFile(path.toFile(), "r");
    }

    static void read(RandomAccessFile file, long offset, byte[] into, int length) throws IOException {
        if (length < 0 || offset < 0 || offset + length > file.length()) {
            throw new EOFException("bytes " + offset + " to " + (offset + length) + " of " + file.length());
        }
        file.seek(offset);
        file.readFully(into, 0, length);
    }
}
