package dev.holdfast.backup.archive;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes an archive beside its place and moves it there when it is complete: {@link #commit} or nothing. For one
 * thread.
 */
public final class ArchiveWriter implements Closeable {
    private static final String FORMAT = "1.1.0";
    private static final int MODE = 0755;

    private final Path target;
    private final Path aside;
    private final Instant time;
    private final FileChannel channel;
    private final TarArchiveOutputStream tar;

    /**
     * Begins an archive.
     *
     * @param target replaced at the end; its folder exists
     * @param compressed gzip around the tar, as Velero wants it
     * @param time of all entries
     */
    public ArchiveWriter(Path target, boolean compressed, Instant time) throws IOException {
        this.target = target;
        this.time = time;
        this.aside = target.resolveSibling(
                "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        Files.deleteIfExists(aside);
        this.channel = FileChannel.open(
                aside,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                // Secrets are in it.
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            this.tar = new TarArchiveOutputStream(compressed ? new FastGzip(out) : out, "UTF-8");
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setAddPaxHeadersForNonAsciiNames(true);
            entry("metadata/version", FORMAT.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /**
     * Adds one object, at both of its places.
     *
     * @param version of the API that it was read with, such as {@code v1}
     */
    public void add(ArchivePath path, String version, byte[] json) throws IOException {
        entry(path.plain(), json);
        entry(path.versioned(version), json);
    }

    /** Makes the archive durable and gives it its name. Returns its size. */
    public long commit() throws IOException {
        tar.finish();
        tar.flush();
        // Ends gzip as well, but leaves the channel open: it is closed through the stream by then.
        tar.close();
        try (FileChannel written = FileChannel.open(aside, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        long size = Files.size(aside);
        Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(target.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
        return size;
    }

    /** Without a commit before, removes what was written. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(aside);
    }

    private void entry(String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        entry.setMode(MODE);
        entry.setModTime(FileTime.from(time));
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    /** Every object is in the archive twice, side by side: the fastest level already finds that. */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, 1 << 16);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
