package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.Disk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A {@code .part} file that was found; {@link FileUpload} explains the lock. */
final class FilePartial implements BlobStore.Partial {
    private final String name;
    private final Path target;
    private final Path part;
    private @Nullable RandomAccessFile file;

    FilePartial(String name, Path target, Path part) {
        this.name = name;
        this.target = target;
        this.part = part;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Instant modified() throws IOException {
        return Files.getLastModifiedTime(part).toInstant();
    }

    @Override
    public boolean takeOver() throws IOException {
        if (!waiting()) {
            return false;
        }
        RandomAccessFile candidate = new RandomAccessFile(part.toFile(), "rw");
        boolean taken = false;
        try {
            taken = Disk.lock(candidate) && stillUnpublished();
        } finally {
            if (!taken) {
                candidate.close();
            }
        }
        if (taken) {
            file = candidate;
        }
        return taken;
    }

    /**
     * Part and object are one file between link and unlink: with the lock in hand and both names there, the writer died
     * in between, and only the name of the part may go. The other must be durable first: a crash of the machine could
     * take both.
     */
    private boolean stillUnpublished() throws IOException {
        if (FileBlobStore.isThere(target)) {
            Disk.syncFolder(FileBlobStore.parent(target));
            Files.deleteIfExists(part);
            return false;
        }
        return waiting();
    }

    @Override
    public boolean waiting() throws IOException {
        return FileBlobStore.isThere(part);
    }

    @Override
    public long size() throws IOException {
        return owned().length();
    }

    @Override
    public void read(long offset, byte[] into, int length) throws IOException {
        FileBlobStore.read(owned(), offset, into, length);
    }

    @Override
    public BlobStore.Upload continueAt(long length) throws IOException {
        RandomAccessFile own = owned();
        own.setLength(length);
        file = null;
        return new FileUpload(target, part, own, length);
    }

    @Override
    public void discard() throws IOException {
        owned();
        Files.deleteIfExists(part);
        Disk.syncFolder(FileBlobStore.parent(part));
        close();
    }

    @Override
    public void close() throws IOException {
        RandomAccessFile own = file;
        file = null;
        if (own != null) {
            own.close();
        }
    }

    private RandomAccessFile owned() {
        RandomAccessFile own = file;
        if (own == null) {
            throw new IllegalStateException(name + " is not taken over");
        }
        return own;
    }
}
