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
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks of a restore are done, in a file beside the target: a line of text, then records of 12 bytes (a number,
 * CRC-32C), little endian.
 *
 * <pre>
 *   holdfast-restore-2 snapshot identity-of-the-target boot-id
 *   n >= 0     task n is done; follows the data it speaks of
 *   n < 0      mark: what the first -n tasks of this file speak of is durable
 * </pre>
 *
 * After a crash of the process all records count: data and records are in the page cache. After a crash of the machine
 * (another boot id) only those before the last mark do, and the file is written anew with them. Thread-safe.
 */
final class Journal implements Closeable {
    private static final String MAGIC = "holdfast-restore-2";
    private static final int RECORD = 12;
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Path file;
    private final FileChannel channel;

    /** Guarded by this, as are the fields below. */
    private final BitSet done;

    /** Records of tasks in the file, and how many of them a mark covers. */
    private int tasks;

    private int durable;

    private Journal(Path file, FileChannel channel, BitSet done, int tasks, int durable) {
        this.file = file;
        this.channel = channel;
        this.done = done;
        this.tasks = tasks;
        this.durable = durable;
    }

    private record Header(String snapshot, long target, String boot) {
        static Header of(byte[] bytes, int length, Path file) throws IOException {
            List<String> words = List.of(new String(bytes, 0, length, StandardCharsets.UTF_8).split(" ", -1));
            if (words.size() != 4 || !words.get(0).equals(MAGIC)) {
                throw new IOException(file + " is not a journal of a restore, or of another version of holdfast;"
                        + " move it away and restore to an empty target");
            }
            return new Header(words.get(1), Long.parseLong(words.get(2)), words.get(3));
        }

        byte[] bytes() {
            return (MAGIC + " " + snapshot + " " + target + " " + boot + "\n").getBytes(StandardCharsets.UTF_8);
        }
    }

    /** Where the journal of a restore to {@code target} by this session lies. */
    static Path beside(Path target, String session) {
        Path name = target.getFileName();
        return target.resolveSibling((name == null ? "root" : name.toString()) + ".holdfast-" + session);
    }

    /** The snapshot that a restore has begun with, as {@code latest} may mean another one by now; null if none has. */
    static @Nullable String snapshotIn(Path file) throws TransferException {
        try {
            if (Files.notExists(file)) {
                return null;
            }
            byte[] bytes = Files.readAllBytes(file);
            return Header.of(bytes, lineIn(bytes), file).snapshot();
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    /**
     * Goes on with the journal in {@code file}, or begins one for {@code snapshot}; also when the target has been
     * emptied meanwhile.
     */
    static Journal open(Path file, String snapshot, Destination destination) throws TransferException {
        try {
            Header header = new Header(
                    snapshot, destination.identity(), Files.readString(BOOT_ID).strip());
            if (Files.notExists(file) || destination.isEmpty()) {
                return create(file, header, new BitSet());
            }
            return resume(file, header);
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private static TransferException unusable(Path file, IOException e) {
        return Errors.target("journal " + file + " (its directory must be writable)", e);
    }

    private static Journal resume(Path file, Header now) throws IOException, TransferException {
        byte[] bytes = Files.readAllBytes(file);
        int position = lineIn(bytes) + 1;
        Header then = Header.of(bytes, position - 1, file);
        if (then.target() != now.target()) {
            throw new TransferException(
                    Code.TARGET_NOT_EMPTY,
                    "go on with the restore that " + file + " speaks of: its target is another directory now; put the"
                            + " former one in place, or restore to an empty directory");
        }
        int end = position;
        int durable = 0;
        for (; isWhole(bytes, end); end += RECORD) {
            durable = Math.max(durable, -number(bytes, end));
        }
        boolean sameBoot = then.boot().equals(now.boot());
        BitSet done = new BitSet();
        int tasks = 0;
        for (int at = position; at < end; at += RECORD) {
            if (number(bytes, at) >= 0 && (sameBoot || tasks < durable)) {
                done.set(number(bytes, at));
                tasks++;
            }
        }
        if (!sameBoot) {
            return create(file, now, done);
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        channel.truncate(end).position(end);
        return new Journal(file, channel, done, tasks, durable);
    }

    /** The file appears complete: a crash leaves the one before, or none. */
    private static Journal create(Path file, Header header, BitSet durable) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Path aside = file.resolveSibling(file.getFileName() + ".new");
        FileChannel channel = FileChannel.open(
                aside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            int tasks = durable.cardinality();
            ByteBuffer records = ByteBuffer.allocate(tasks * RECORD);
            durable.stream().forEach(task -> records.put(record(task)));
            write(channel, header.bytes());
            write(channel, records.array());
            if (tasks > 0) {
                write(channel, record(-tasks));
            }
            channel.force(true);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
                entries.force(true);
            }
            return new Journal(file, channel, durable, tasks, tasks);
        } catch (IOException e) {
            channel.close();
            Files.deleteIfExists(aside);
            throw e;
        }
    }

    synchronized boolean isDone(int task) {
        return done.get(task);
    }

    /** Notes that everything of this task is written. */
    synchronized void done(int task) throws IOException {
        write(channel, record(task));
        done.set(task);
        tasks++;
    }

    /** Makes what is done durable and notes that; what is done meanwhile counts from the next time on. */
    void checkpoint(Destination destination) throws IOException {
        int covered;
        synchronized (this) {
            covered = tasks;
            if (covered == durable) {
                return;
            }
        }
        destination.sync();
        synchronized (this) {
            write(channel, record(-covered));
            channel.force(false);
            durable = covered;
        }
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

    private static int lineIn(byte[] bytes) {
        int line = 0;
        while (line < bytes.length && bytes[line] != '\n') {
            line++;
        }
        return line;
    }

    private static byte[] record(int number) {
        ByteBuffer record = ByteBuffer.allocate(RECORD).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(number).putInt(crc(record.array(), 0));
        return record.array();
    }

    private static int number(byte[] bytes, int position) {
        return (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(position);
    }

    private static boolean isWhole(byte[] bytes, int position) {
        return position + RECORD <= bytes.length
                && ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(position + 8) == crc(bytes, position);
    }

    private static int crc(byte[] bytes, int position) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, position, 8);
        return (int) crc.getValue();
    }

    private static void write(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }
}
