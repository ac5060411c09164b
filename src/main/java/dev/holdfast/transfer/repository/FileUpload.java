package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.Disk;
import dev.holdfast.transfer.tree.TargetFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A {@code .part} file, locked for as long as it is open; the kernel frees the lock when the process dies. It is open
 * twice, for the lock and for writing, and closed as one: closing either drops the lock.
 */
final class FileUpload implements BlobStore.Upload {
    private final Path target;
    private final Path part;
    private final RandomAccessFile lock;
    private final TargetFile file;
    private long length;

    /** What a sync has proven to be on the disk. */
    private long synced;

    private boolean entrySynced;
    private boolean closed;

    /** Takes {@code lock} over: open and locked; goes on at {@code length}. */
    FileUpload(Path target, Path part, RandomAccessFile lock, long length) throws IOException {
        this.target = target;
        this.part = part;
        this.lock = lock;
        this.file = openToWrite(part, lock);
        this.length = length;
    }

    private static TargetFile openToWrite(Path part, RandomAccessFile lock) throws IOException {
        try {
            return TargetFile.openPath(part);
        } catch (IOException failed) {
            lock.close();
            throw failed;
        }
    }

    static FileUpload create(Path target, Path part) throws IOException {
        Files.createFile(part);
        RandomAccessFile file = new RandomAccessFile(part.toFile(), "rw");
        if (!Disk.lock(file)) {
            file.close();
            throw new IOException("lock " + part + ": held by another process");
        }
        return new FileUpload(target, part, file, 0);
    }

    /** What could not be written in full, to a full disk for instance, is taken back, so that nothing torn remains. */
    @Override
    public void append(byte[] bytes, int offset, int count) throws IOException {
        try {
            file.write(bytes, offset, count, length);
        } catch (IOException failed) {
            cut(length, failed);
            throw failed;
        }
        length += count;
    }

    /**
     * After a failed sync the kernel may hold, and show to a later reader, what the disk never got; a second sync would
     * not tell. So nothing is left to be read but what an earlier one has proven.
     */
    @Override
    public void sync() throws IOException {
        try {
            file.sync();
        } catch (IOException failed) {
            cut(synced, failed);
            throw failed;
        }
        synced = length;
        if (!entrySynced) {
            Disk.syncFolder(FileBlobStore.parent(part));
            entrySynced = true;
        }
    }

    private void cut(long size, IOException failed) {
        try {
            file.truncate(size);
            length = size;
        } catch (IOException e) {
            failed.addSuppressed(e);
        }
    }

    @Override
    public void publish() throws IOException {
        sync();
        try {
            Files.createLink(target, part);
        } catch (FileAlreadyExistsException published) {
            if (!Files.isSameFile(target, part)) {
                throw published;
            }
        }
        Disk.syncFolder(FileBlobStore.parent(target));
        close(); // Before the name goes: on NFS a file that is open keeps one, of the server's choice.
        Files.deleteIfExists(part);
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            try (lock) {
                file.close();
            }
        }
    }
}
