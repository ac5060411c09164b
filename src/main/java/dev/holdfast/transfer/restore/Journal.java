package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.Disk;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.tree.Identity;
import dev.holdfast.transfer.tree.TargetFile;
import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks of a restore are done, in a file beside the target: a line of text, then records of 12 bytes (a number,
 * CRC-32C), little endian.
 *
 * <pre>
 *   holdfast-restore-4 snapshot device inode birth boot-id        the three of the target
 *   k &lt;&lt; 32 | n    the task that follows gave n warnings of the kind k, counted from 1
 *   n >= 0         task n is done; follows the data it speaks of
 *   n &lt; 0          mark: what the first -n tasks of this file speak of is durable
 *   -1 &lt;&lt; 31       a sync failed: what no mark covers does not count
 * </pre>
 *
 * After a crash of the process all records count: data and records are in the page cache. After a crash of the machine
 * (another boot id) only those before the last mark do, and the file is written anew with them. The file is locked
 * while it is open. Thread-safe.
 */
final class Journal implements Closeable {
    private static final int RECORD = JournalRecord.LENGTH;
    private static final int PIECE = 64 << 10;
    static final int FORGET = Integer.MIN_VALUE;
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** How long an older attempt that is still alive may take to notice that it is fenced. */
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Path path;

    /** Open for its lock; closed together with the other, as closing either drops it. */
    private final RandomAccessFile lock;

    private final TargetFile file;
    private final JournalHeader header;

    /** What counted when this was opened. */
    private final Map<Kind, Long> warned;

    /** Guarded by this, as are the fields below. */
    private final BitSet done;

    private long end;

    /** Records of tasks in the file, and how many of them a mark covers. */
    private int tasks;

    private int durable;
    private @Nullable IOException syncFailed;

    private Journal(Path path, RandomAccessFile lock, TargetFile file, JournalHeader header, JournalScan found) {
        this.path = path;
        this.lock = lock;
        this.file = file;
        this.header = header;
        this.warned = found.warned();
        this.done = found.done();
        this.tasks = found.tasks();
        this.durable = found.durable();
        this.end = found.end();
    }

    /** The snapshot that a restore has begun with, as {@code latest} may mean another one by now; null if none has. */
    static @Nullable String snapshotIn(Path file) throws TransferException {
        try {
            if (Files.notExists(file)) {
                return null;
            }
            return JournalHeader.in(file).snapshot();
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
            JournalHeader header = new JournalHeader(
                    JournalHeader.VERSION,
                    snapshot,
                    destination.identity(),
                    Files.readString(BOOT_ID).strip());
            if (Files.notExists(file)) {
                return create(file, header, JournalScan.nothing());
            }
            JournalHeader then = JournalHeader.in(file);
            boolean emptied = destination.isEmpty();
            if (emptied && !then.isOf(header) && !wasPlain(file, then, header)) {
                throw new TransferException(
                        Code.TARGET_AWAY,
                        "go on with the restore that " + file + " speaks of: " + destination + " is empty and another"
                                + " directory than then; mount its volume, or give this restore up and begin another");
            }
            return resume(file, header, emptied);
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    /**
     * Whether the target was a directory of the file system that its journal is in, and so no volume that is just not
     * mounted. Numbers of file systems hold for one run of the machine.
     */
    private static boolean wasPlain(Path file, JournalHeader then, JournalHeader now) throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        return then.boot().equals(now.boot())
                && then.target().device() == Identity.of(folder).device();
    }

    /** Whether this and the other speak of the same target. */
    boolean isOf(JournalHeader other) {
        return header.isOf(other);
    }

    private static TransferException unusable(Path file, IOException e) {
        return Errors.target("journal " + file + " (its directory must be writable)", e);
    }

    private static Journal resume(Path path, JournalHeader now, boolean emptied) throws IOException, TransferException {
        RandomAccessFile lock = lock(path);
        Journal journal = null;
        try {
            journal = emptied ? create(path, now, JournalScan.nothing()) : resume(path, now, lock);
            return journal;
        } finally {
            if (journal == null || journal.lock != lock) {
                lock.close();
            }
        }
    }

    private static Journal resume(Path path, JournalHeader now, RandomAccessFile lock)
            throws IOException, TransferException {
        JournalHeader then = JournalHeader.in(lock, path);
        if (!then.isOf(now)) {
            throw new TransferException(
                    Code.TARGET_NOT_EMPTY,
                    "go on with the restore that " + path + " speaks of: its target is another one now; put the"
                            + " former one in place, or give this restore up and begin another");
        }
        if (then.version() < JournalHeader.VERSION) {
            return create(path, now, JournalScan.nothing()); // Its tasks are others: all is written again.
        }
        JournalScan found = JournalScan.of(lock, then.bytes().length, then.isOfThisRun(now));
        if (!found.all()) {
            return create(path, now, found);
        }
        TargetFile file = TargetFile.openPath(path);
        file.truncate(found.end());
        return new Journal(path, lock, file, then, found);
    }

    /** The file appears complete: a crash leaves the one before, or none. All that was found in that is durable. */
    private static Journal create(Path path, JournalHeader header, JournalScan found) throws IOException {
        Path aside = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(aside);
        TargetFile file = TargetFile.openPath(aside);
        RandomAccessFile lock = new RandomAccessFile(aside.toFile(), "rw");
        try {
            int tasks = found.done().cardinality();
            Map<Kind, Long> warned = tasks > 0 ? found.warned() : Map.of();
            JournalScan kept = new JournalScan(
                    found.done(), warned, tasks, tasks, true, write(file, header, found.done(), warned));
            file.sync();
            Disk.lock(lock);
            Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Disk.syncFolder(Objects.requireNonNull(path.toAbsolutePath().getParent()));
            return new Journal(path, lock, file, header, kept);
        } catch (IOException e) {
            lock.close();
            file.close();
            Files.deleteIfExists(aside);
            throw e;
        }
    }

    /** Returns where it ends. */
    private static long write(TargetFile file, JournalHeader header, BitSet done, Map<Kind, Long> warned)
            throws IOException {
        ByteBuffer content = ByteBuffer.allocate(PIECE);
        content.put(header.bytes());
        warned.forEach((kind, count) -> content.put(JournalRecord.of(kind, count)));
        long end = 0;
        for (int task = done.nextSetBit(0); task >= 0; task = done.nextSetBit(task + 1)) {
            content.put(JournalRecord.of(task));
            if (content.remaining() < 2 * RECORD) {
                file.write(content.array(), 0, content.position(), end);
                end += content.position();
                content.clear();
            }
        }
        if (!done.isEmpty()) {
            content.put(JournalRecord.of(-done.cardinality()));
        }
        file.write(content.array(), 0, content.position(), end);
        return end + content.position();
    }

    /** Two attempts at one target would undo each other's work: the older one ends at its next checkpoint. */
    private static RandomAccessFile lock(Path path) throws IOException, TransferException {
        RandomAccessFile lock = new RandomAccessFile(path.toFile(), "rw");
        boolean held = false;
        try {
            long deadline = System.nanoTime() + WAIT_NANOS;
            while (!held
                    && System.nanoTime() < deadline
                    && !Thread.currentThread().isInterrupted()) {
                held = Disk.lock(lock);
                if (!held) {
                    LockSupport.parkNanos(POLL_NANOS);
                }
            }
        } finally {
            if (!held) {
                lock.close();
            }
        }
        if (!held) {
            throw new TransferException(
                    Code.TARGET_IO,
                    "go on with the restore that " + path + " speaks of: another process is still at it; end it");
        }
        return lock;
    }

    synchronized boolean isDone(int task) {
        return done.get(task);
    }

    /** Warnings of what earlier attempts have done, and this one does not do again. */
    Map<Kind, Long> warned() {
        return Map.copyOf(warned);
    }

    /** Notes that everything of this task is written, and what it warned of, in one write. */
    synchronized void done(int task, Map<Kind, Long> warnings) throws IOException {
        ByteBuffer records = ByteBuffer.allocate((warnings.size() + 1) * RECORD);
        warnings.forEach((kind, count) -> records.put(JournalRecord.of(kind, count)));
        append(records.put(JournalRecord.of(task)));
        done.set(task);
        tasks++;
    }

    void done(int task) throws IOException {
        done(task, Map.of());
    }

    /** Makes what is done durable and notes that; what is done meanwhile counts from the next time on. */
    void checkpoint(Destination destination) throws IOException {
        int covered;
        synchronized (this) {
            covered = tasks;
            if (covered == durable && syncFailed == null) {
                return;
            }
        }
        sync(destination::sync);
        synchronized (this) {
            append(ByteBuffer.allocate(RECORD).put(JournalRecord.of(-covered)));
            file.sync();
            durable = covered;
        }
    }

    /** Makes everything durable, also what is not done by tasks. */
    void sync(Destination destination) throws IOException {
        sync(destination::sync);
    }

    /** A way to make the target durable. */
    interface Sync {
        void run() throws IOException;
    }

    /**
     * A second sync after one that failed may succeed though the data is lost: from then on nothing counts but what a
     * mark covers.
     */
    void sync(Sync target) throws IOException {
        synchronized (this) {
            if (syncFailed != null) {
                throw syncFailed;
            }
        }
        try {
            target.run();
        } catch (IOException e) {
            forget(e);
            throw e;
        }
    }

    private synchronized void forget(IOException why) {
        syncFailed = why;
        try {
            append(ByteBuffer.allocate(RECORD).put(JournalRecord.of(FORGET)));
        } catch (IOException full) {
            why.addSuppressed(full);
            try {
                file.truncate(header.bytes().length); // Takes no room; everything is done again.
            } catch (IOException e) {
                why.addSuppressed(e);
            }
        }
    }

    /** The restore is complete, or given up: nothing is left to resume. */
    void remove() throws IOException {
        close();
        Files.deleteIfExists(path);
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            file.close();
        }
    }

    private void append(ByteBuffer records) throws IOException {
        byte[] bytes = new byte[records.flip().limit()];
        records.get(bytes);
        file.write(bytes, 0, bytes.length, end);
        end += bytes.length;
    }
}
