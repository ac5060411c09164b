package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Which tasks of a restore are done, in a file beside the target: a line of text (version, snapshot, boot id), then 12
 * bytes for each finished task (its number, CRC-32C), little endian. A record follows the data it speaks of, and both
 * are in the page cache after a crash of the process; after a crash of the machine (another boot id) the records prove
 * nothing and everything is written again. Thread-safe.
 */
final class Journal implements Closeable {
    private static final String MAGIC = "holdfast-restore-1";
    private static final int RECORD = 12;
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Path file;
    private final FileChannel channel;
    private final String snapshot;
    private final boolean resumed;

    /** Guarded by this. */
    private final BitSet done;

    private Journal(Path file, FileChannel channel, String snapshot, boolean resumed, BitSet done) {
        this.file = file;
        this.channel = channel;
        this.snapshot = snapshot;
        this.resumed = resumed;
        this.done = done;
    }

    /** Where the journal of a restore to {@code target} by this session lies. */
    static Path beside(Path target, String session) {
        Path name = target.getFileName();
        return target.resolveSibling((name == null ? "root" : name.toString()) + ".holdfast-" + session);
    }

    /** Goes on with the journal in {@code file}, or begins one for {@code snapshot}. */
    static Journal open(Path file, String snapshot) throws TransferException {
        try {
            if (Files.exists(file)) {
                return resume(file);
            }
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            write(channel, header(snapshot));
            channel.force(true);
            return new Journal(file, channel, snapshot, false, new BitSet());
        } catch (IOException e) {
            throw new TransferException(
                    Code.TARGET_IO,
                    "write " + file + ", which notes how far the restore has come: " + e.getMessage()
                            + "; make its directory writable",
                    e);
        }
    }

    private static Journal resume(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int line = 0;
        while (line < bytes.length && bytes[line] != '\n') {
            line++;
        }
        List<String> words = List.of(new String(bytes, 0, line, StandardCharsets.UTF_8).split(" ", -1));
        if (words.size() != 3 || !words.get(0).equals(MAGIC)) {
            throw new IOException("it is not a journal of a restore, or of a newer version; move it away");
        }
        BitSet done = new BitSet();
        int position = line + 1;
        boolean sameBoot = words.get(2).equals(bootId());
        while (sameBoot && position + RECORD <= bytes.length && isWhole(bytes, position)) {
            done.set((int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(position));
            position += RECORD;
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        byte[] header = header(words.get(1));
        if (!sameBoot) {
            write(channel.position(0), header);
            position = header.length;
        }
        channel.truncate(position).position(position);
        return new Journal(file, channel, words.get(1), true, done);
    }

    /** The snapshot that the restore began with: {@code latest} may mean another one by now. */
    String snapshot() {
        return snapshot;
    }

    /** Whether an earlier attempt has written to the target. */
    boolean resumed() {
        return resumed;
    }

    synchronized boolean isDone(int task) {
        return done.get(task);
    }

    /** Notes that everything of this task is written. */
    synchronized void done(int task) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(RECORD).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(task).putInt(crc(record.array(), 0));
        write(channel, record.array());
        done.set(task);
    }

    /** The restore is complete, or given up: nothing is left to resume. */
    void remove() throws IOException {
        close();
        Files.deleteIfExists(file);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static boolean isWhole(byte[] bytes, int position) {
        ByteBuffer record = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long task = record.getLong(position);
        return task >= 0 && task < Integer.MAX_VALUE && record.getInt(position + 8) == crc(bytes, position);
    }

    private static int crc(byte[] bytes, int position) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, position, 8);
        return (int) crc.getValue();
    }

    private static byte[] header(String snapshot) throws IOException {
        return (MAGIC + " " + snapshot + " " + bootId() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String bootId() throws IOException {
        return Files.readString(BOOT_ID).strip();
    }

    private static void write(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }
}
