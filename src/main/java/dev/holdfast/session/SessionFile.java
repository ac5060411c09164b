package dev.holdfast.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.mapdb.Serializer;
import org.mapdb.SortedTableMap;
import org.mapdb.volume.RandomAccessFileVol;
import org.mapdb.volume.SingleByteArrayVol;
import org.mapdb.volume.Volume;

/**
 * One session as a MapDB file: an immutable sorted table, built whole, never opened for writing again. A MapDB store
 * that is updated in place may be torn by a crash, and is 2 MiB at least; a table is 64 KiB.
 *
 * <pre>
 *   content  the session, see {@link StoredSession}
 *   crc      CRC-32C over format and content
 *   format   4 bytes, big endian
 * </pre>
 *
 * Only for threads that are never interrupted.
 */
final class SessionFile {
    static final String SUFFIX = ".session";
    static final String TEMPORARY = ".session.new";
    static final String CORRUPT = ".session.corrupt";
    static final long SIZE_MAX = 1024 * 1024;
    private static final int PAGE_MIN = 64 * 1024;
    private static final int OVERHEAD = 4 * 1024;

    /** Written by a newer release. */
    static final class NewerFormat extends IOException {
        private static final long serialVersionUID = 1;

        NewerFormat(int format) {
            super("format " + format + " is newer than " + StoredSession.FORMAT
                    + ", which this release knows; start the release that wrote it, or move the file away");
        }
    }

    /** What was read is not what was written; to read it again is no use. */
    static final class Damaged extends IOException {
        private static final long serialVersionUID = 1;

        Damaged(String message) {
            super(message);
        }

        Damaged(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private SessionFile() {}

    /** Replaces {@code directory/<id>.session}; durable when it returns. */
    static void replace(Path directory, SessionId id, int format, byte[] content) throws IOException {
        Failpoint.BEFORE_WRITE.reached();
        Path temporary = directory.resolve(id + TEMPORARY);
        Files.deleteIfExists(temporary);
        try {
            build(temporary, format, content);
            Failpoint.AFTER_TEMP.reached();
            if (!Arrays.equals(content(temporary, format), content)) {
                throw new IOException("written, but not read back as it was; is the disk sound?");
            }
            sync(temporary, StandardOpenOption.WRITE);
        } catch (IOException e) {
            Files.deleteIfExists(temporary); // It would take room that is wanted.
            throw e;
        }
        Failpoint.AFTER_FSYNC.reached();
        Files.move(temporary, directory.resolve(id + SUFFIX), StandardCopyOption.ATOMIC_MOVE);
        sync(directory, StandardOpenOption.READ);
        Failpoint.AFTER_RENAME.reached();
    }

    /** Writes as much as a session needs, and takes it away. */
    static void probe(Path directory) throws IOException {
        Path file = directory.resolve("probe" + TEMPORARY);
        try {
            Files.write(file, new byte[PAGE_MIN]);
            sync(file, StandardOpenOption.WRITE);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** @throws Damaged if it is no session; any other failure may pass */
    static Session read(Path file) throws IOException {
        byte[] content = content(file, StoredSession.FORMAT);
        try {
            return StoredSession.decode(content);
        } catch (IOException | RuntimeException e) {
            throw new Damaged("damaged: " + e.getMessage(), e);
        }
    }

    static void sync(Path path, StandardOpenOption mode) throws IOException {
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }

    private static void build(Path file, int format, byte[] content) throws IOException {
        int page = PAGE_MIN;
        while (page < content.length + OVERHEAD) {
            page *= 2;
        }
        if (page >= SIZE_MAX) {
            throw new SessionRefused("a session of " + content.length + " bytes is too large to store", false);
        }
        byte[] header = ByteBuffer.allocate(4).putInt(format).array();
        Volume volume = RandomAccessFileVol.FACTORY.makeVolume(file.toString(), false);
        try {
            SortedTableMap.Sink<String, byte[]> sink = SortedTableMap.create(
                            volume, Serializer.STRING, Serializer.BYTE_ARRAY)
                    .pageSize(page)
                    .createFromSink();
            sink.put("content", content);
            sink.put("crc", crc(header, content));
            sink.put("format", header);
            sink.create().close();
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(cause instanceof IOException io ? io.getMessage() : "build " + file + ": " + e, e);
        } finally {
            volume.close();
        }
    }

    /**
     * The verified content. The file is read before MapDB sees it, so that trouble of the disk and damage are told
     * apart. MapDB asserts by what it reads: errors of it are damage too, but for a want of memory.
     */
    private static byte[] content(Path file, int formatMax) throws IOException {
        long size = Files.size(file);
        if (size == 0 || size > SIZE_MAX) {
            throw new Damaged("a session file of " + size + " bytes");
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            SortedTableMap<String, byte[]> table =
                    SortedTableMap.open(new SingleByteArrayVol(bytes), Serializer.STRING, Serializer.BYTE_ARRAY);
            return verified(table.get("format"), table.get("crc"), table.get("content"), formatMax);
        } catch (VirtualMachineError e) {
            throw new IOException("no memory to read it: " + e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            throw new Damaged("damaged: " + e, e);
        }
    }

    private static byte[] verified(
            byte @Nullable [] header, byte @Nullable [] crc, byte @Nullable [] content, int formatMax)
            throws IOException {
        if (header == null || crc == null || content == null || header.length != 4) {
            throw new Damaged("damaged: incomplete");
        }
        if (!Arrays.equals(crc, crc(header, content))) {
            throw new Damaged("damaged: checksum differs");
        }
        int format = ByteBuffer.wrap(header).getInt();
        if (format > formatMax) {
            throw new NewerFormat(format);
        }
        return content;
    }

    private static byte[] crc(byte[] header, byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(header);
        crc.update(content);
        return ByteBuffer.allocate(Long.BYTES).putLong(crc.getValue()).array();
    }
}
