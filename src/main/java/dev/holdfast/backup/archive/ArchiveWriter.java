package dev.holdfast.backup.archive;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FilterOutputStream;
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
import java.util.UUID;
import java.util.regex.Pattern;
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
    private static final String ASIDE = ".tmp";
    private static final int RANDOM = 8;

    private final Path target;
    private final Path aside;
    private final Instant time;
    private final FileChannel channel;
    private final TarArchiveOutputStream tar;
    private boolean moved;

    /** A place beside that one, which nobody else has: two agents may write to one folder. */
    public static Path beside(Path target) {
        return target.resolveSibling(
                "." + target.getFileName() + "." + UUID.randomUUID().toString().substring(0, RANDOM) + ASIDE);
    }

    /** Whether such a file can be one that {@link #beside} has named. */
    public static boolean mayBeAside(Path file) {
        return file.isAbsolute()
                && file.getFileName() != null
                && file.getFileName().toString().matches("[.].+[.][0-9a-f]{" + RANDOM + "}" + Pattern.quote(ASIDE));
    }

    /**
     * Begins an archive.
     *
     * @param target replaced at the end; its folder exists
     * @param aside where it is written until then; there is no such file
     * @param compressed gzip around the tar, as Velero wants it
     * @param time of all entries
     */
    public ArchiveWriter(Path target, Path aside, boolean compressed, Instant time) throws IOException {
        this.target = target;
        this.aside = aside;
        this.time = time;
        this.channel = FileChannel.open(
                aside,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                // Secrets are in it.
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            OutputStream out = new BufferedOutputStream(new Open(Channels.newOutputStream(channel)), 1 << 16);
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
        tar.close();
        channel.force(true);
        long size = channel.size();
        Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        moved = true;
        try (FileChannel folder = FileChannel.open(target.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
        return size;
    }

    /** Without a commit before, removes what was written. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (!moved) {
            Files.deleteIfExists(aside);
        }
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

    /** Leaves the channel open when tar and gzip are closed: the very file that was written is then made durable. */
    private static final class Open extends FilterOutputStream {
        Open(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }

    /** Every object is in the archive twice, side by side: the fastest level already finds that. */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, 1 << 16);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
