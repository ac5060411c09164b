package dev.holdfast.backup.archive;

import dev.holdfast.backup.archive.ArchiveException.Code;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Reads an archive of Velero or of ours, with gzip around it or without, object by object. Whatever is wrong with it is
 * an {@link ArchiveException}. Objects are held one at a time and are at most {@value #OBJECT_BYTES_MAX} bytes.
 */
public final class ArchiveReader implements Closeable {
    static final int OBJECT_BYTES_MAX = 64 << 20;

    /** Of everything that stands before the content of one entry: its header, long names, extended headers. */
    private static final long HEAD_BYTES_MAX = 1 << 20;

    private static final int GZIP_MAGIC = 0x1f8b;
    private static final String VERSION = "metadata/version";

    private final String archive;
    private final Metered metered;
    private final Tar tar;
    private @Nullable String format;

    /** One object and its content. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Item(ArchivePath path, byte[] json) {}

    public ArchiveReader(ArchiveSource source) throws ArchiveException {
        this.archive = source.name();
        try {
            this.metered = new Metered(plain(source));
            this.tar = new Tar(metered);
        } catch (NoSuchFileException e) {
            throw new ArchiveException(Code.MISSING, "open archive " + archive + ": there is no such file", e);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** The next object, or null at the end. Objects that lie at two places come once. */
    public @Nullable Item next() throws ArchiveException {
        try {
            while (true) {
                TarArchiveEntry entry = head();
                if (entry == null) {
                    return end();
                }
                Item item = item(entry);
                if (item != null) {
                    return item;
                }
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** The library takes long names in whole and one inside another, so what it may read for them is bounded. */
    private @Nullable TarArchiveEntry head() throws IOException {
        if (tar.getCurrentEntry() != null) {
            tar.transferTo(OutputStream.nullOutputStream());
        }
        metered.left = HEAD_BYTES_MAX;
        try {
            return tar.getNextEntry();
        } catch (IllegalArgumentException e) {
            throw new IOException("an entry's header is damaged", e);
        } finally {
            metered.left = Long.MAX_VALUE;
        }
    }

    private @Nullable Item item(TarArchiveEntry entry) throws IOException, ArchiveException {
        String name = safe(entry);
        if (name.equals(VERSION)) {
            format = new String(tar.readNBytes(64), StandardCharsets.UTF_8).strip();
            if (!format.matches("1(\\.\\d+){0,2}")) {
                throw new ArchiveException(
                        Code.DAMAGED,
                        "read archive " + archive + ": its format is \"" + format
                                + "\", only 1.x is known; use a newer Holdfast");
            }
            return null;
        }
        ArchivePath path = entry.isDirectory() ? null : path(name);
        if (path == null) {
            return null;
        }
        if (entry.getSize() > OBJECT_BYTES_MAX) {
            throw new ArchiveException(
                    Code.DAMAGED,
                    "read archive " + archive + ": " + name + " has " + entry.getSize()
                            + " bytes, more than any Kubernetes object may have");
        }
        byte[] json = tar.readNBytes((int) entry.getSize());
        if (json.length < entry.getSize()) {
            throw new ArchiveException(Code.DAMAGED, "read archive " + archive + ": it ends in the middle of " + name);
        }
        return new Item(path, json);
    }

    private @Nullable ArchivePath path(String name) throws ArchiveException {
        try {
            return ArchivePath.parse(name).orElse(null);
        } catch (IllegalArgumentException e) {
            throw new ArchiveException(
                    Code.HOSTILE,
                    "read archive " + archive + ": the entry \"" + printable(name)
                            + "\" has a name that no object can have; nothing of this archive is to be trusted",
                    e);
        }
    }

    /** An entry that would leave the folder it is unpacked into condemns the whole archive. */
    private String safe(TarArchiveEntry entry) throws ArchiveException {
        String name = entry.getName();
        boolean climbs = false;
        for (String part : name.split("/", -1)) {
            climbs |= part.equals("..");
        }
        if (name.startsWith("/") || climbs || name.indexOf('\0') >= 0) {
            throw new ArchiveException(
                    Code.HOSTILE,
                    "read archive " + archive + ": the entry \"" + printable(name)
                            + "\" would be written outside of the target; nothing of this archive is to be trusted");
        }
        byte type = entry.getLinkFlag();
        boolean plain = type == TarConstants.LF_NORMAL || type == TarConstants.LF_OLDNORM;
        if (!plain && !entry.isDirectory()) {
            throw new ArchiveException(
                    Code.HOSTILE,
                    "read archive " + archive + ": the entry \"" + printable(name)
                            + "\" is a link or a device, which no backup of objects has");
        }
        return name.startsWith("./") ? name.substring(2) : name;
    }

    /** Knows the end of an archive from the end of a file. */
    private static final class Tar extends TarArchiveInputStream {
        private boolean whole;

        Tar(InputStream in) {
            super(in, "UTF-8");
        }

        @Override
        protected boolean isEOFRecord(byte @Nullable [] block) {
            boolean end = super.isEOFRecord(block);
            whole |= end && block != null;
            return end;
        }
    }

    private @Nullable Item end() throws ArchiveException {
        if (!tar.whole) {
            throw new ArchiveException(Code.DAMAGED, "read archive " + archive + ": it is cut off; back up again");
        }
        if (format == null) {
            throw new ArchiveException(
                    Code.DAMAGED,
                    "read archive " + archive + ": there is no " + VERSION
                            + " in it; is it an archive of Velero or Holdfast?");
        }
        return null;
    }

    private ArchiveException failed(IOException e) {
        String why = e instanceof ZipException ? "its compression is damaged" : String.valueOf(e.getMessage());
        return new ArchiveException(Code.DAMAGED, "read archive " + archive + ": " + why, e);
    }

    private static InputStream plain(ArchiveSource source) throws IOException {
        BufferedInputStream in = new BufferedInputStream(source.opening().open(), 1 << 16);
        try {
            in.mark(2);
            int magic = in.read() << 8 | in.read();
            in.reset();
            return magic == GZIP_MAGIC ? new GZIPInputStream(in, 1 << 16) : in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /** Fails a read beyond what is left to be read. */
    private static final class Metered extends FilterInputStream {
        private long left = Long.MAX_VALUE;

        Metered(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = in.read(bytes, offset, length);
            count(Math.max(0, read));
            return read;
        }

        @Override
        public long skip(long bytes) throws IOException {
            long skipped = in.skip(bytes);
            count(skipped);
            return skipped;
        }

        private void count(long bytes) throws IOException {
            left -= bytes;
            if (left < 0) {
                throw new IOException("an entry's header is longer than " + HEAD_BYTES_MAX + " bytes");
            }
        }
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    @Override
    public void close() {
        try {
            tar.close();
        } catch (IOException e) {
            // Only read from.
        }
    }
}
