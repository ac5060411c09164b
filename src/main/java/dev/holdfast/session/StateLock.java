package dev.holdfast.session;

import dev.holdfast.linux.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The agent's hold on its state directory, for life: a lock on {@code agent.lock}, gone with the process however it
 * ends. The file holds the owner's process id, for people. Nothing else may open that file in this process: closing any
 * other channel to it would drop the lock.
 */
public final class StateLock implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final int OWNER_MAX = 64;
    private final FileChannel channel;
    private final FileLock lock;

    private StateLock(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Makes the directory (0700) if it is missing and takes the lock.
     *
     * @param patience how long to wait for another agent that is just leaving
     * @throws StateLockException saying who holds it
     */
    public static StateLock acquire(Path state, Duration patience) throws StateLockException {
        Path file = state.resolve("agent.lock");
        FileChannel channel;
        try {
            if (!Files.isDirectory(state)) {
                Files.createDirectories(
                        state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new StateLockException(
                    "open state " + state + ": " + Reason.of(e) + "; is it writable for this user?", e);
        }
        try {
            FileLock lock = await(channel, patience);
            if (lock == null) {
                String owner = owner(channel);
                channel.close();
                throw new StateLockException("open state " + state + ": locked by pid " + owner
                        + "; is another agent running? (waited " + patience.toMillis() + " ms)");
            }
            sign(channel);
            return new StateLock(channel, lock);
        } catch (IOException e) {
            throw new StateLockException("lock " + file + ": " + Reason.of(e), e);
        }
    }

    @Override
    public void close() {
        try (channel) {
            lock.release();
        } catch (IOException e) {
            // The kernel drops it with the process at the latest.
            System.getLogger(StateLock.class.getName()).log(System.Logger.Level.DEBUG, "state lock not released", e);
        }
    }

    /** For people; a full disk is no reason not to look after the movers that are there. */
    private static void sign(FileChannel channel) {
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)), 0);
        } catch (IOException e) {
            System.getLogger(StateLock.class.getName()).log(System.Logger.Level.DEBUG, "state lock not signed", e);
        }
    }

    private static @Nullable FileLock await(FileChannel channel, Duration patience) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            FileLock lock = attempt(channel);
            if (lock != null
                    || System.nanoTime() - end >= 0
                    || Thread.currentThread().isInterrupted()) {
                return lock;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private static @Nullable FileLock attempt(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null; // Held by this very process.
        }
    }

    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(OWNER_MAX);
        channel.read(buffer, 0);
        String pid = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8).strip();
        return pid.isEmpty() ? "unknown" : pid;
    }
}
