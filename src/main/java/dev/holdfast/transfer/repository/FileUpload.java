package dev.holdfast.transfer.repository;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A {@code .part} file, locked for as long as it is open; the kernel frees the lock when the process dies. */
final class FileUpload implements BlobStore.Upload {
    private final Path target;
    private final Path part;
    private final RandomAccessFile file;
    private boolean entrySynced;
    private boolean closed;

    /** Takes {@code file} over: open, locked, positioned at the end. */
    FileUpload(Path target, Path part, RandomAccessFile file) {
        this.target = target;
        this.part = part;
        this.file = file;
    }

    static FileUpload create(Path target, Path part) throws IOException {
        Files.createFile(part);
        RandomAccessFile file = new RandomAccessFile(part.toFile(), "rw");
        if (!lock(file)) {
            file.close();
            throw new IOException("lock " + part + ": held by another process");
        }
        return new FileUpload(target, part, file);
    }

    static boolean lock(RandomAccessFile file) throws IOException {
        try {
            return file.getChannel().tryLock() != null;
        } catch (OverlappingFileLockException ownProcess) {
            return false;
        }
    }

    /** What could not be written in full, to a full disk for instance, is taken back, so that nothing torn remains. */
    @Override
    public void append(byte[] bytes, int offset, int length) throws IOException {
        long before = file.getFilePointer();
        try {
            file.write(bytes, offset, length);
        } catch (IOException failed) {
            try {
                file.setLength(before);
            } catch (IOException e) {
                failed.addSuppressed(e);
            }
            throw failed;
        }
    }

    @Override
    public void sync() throws IOException {
        file.getFD().sync();
        if (!entrySynced) {
            FileBlobStore.syncFolder(FileBlobStore.parent(part));
            entrySynced = true;
        }
    }

    @Override
    public void publish() throws IOException {
        file.getFD().sync();
        try {
            Files.createLink(target, part);
        } catch (FileAlreadyExistsException published) {
            if (!Files.isSameFile(target, part)) {
                throw published;
            }
        }
        FileBlobStore.syncFolder(FileBlobStore.parent(target));
        Files.deleteIfExists(part);
        close();
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            file.close();
        }
    }
}
