package dev.holdfast.transfer.tree;

import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.Posix;
import dev.holdfast.transfer.os.PosixException;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** Owns an open file descriptor: closed once, refused afterwards. */
final class Descriptor implements Closeable {
    private static final int CLOSED = -1;
    private static final Posix POSIX = Posix.host();

    private final AtomicInteger fd;

    Descriptor(int fd) {
        this.fd = new AtomicInteger(fd);
    }

    /** Opens for reading without leaving a trace in the access time, where the system allows that. */
    static Descriptor openSource(int directory, byte[] name, int flags) throws PosixException {
        try {
            return new Descriptor(POSIX.openat(directory, name, Flag.O_RDONLY | Flag.O_NOATIME | flags, 0));
        } catch (PosixException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            return new Descriptor(POSIX.openat(directory, name, Flag.O_RDONLY | flags, 0));
        }
    }

    int fd() {
        int open = fd.get();
        if (open == CLOSED) {
            throw new IllegalStateException("used after close");
        }
        return open;
    }

    void closeAfter(Exception cause) {
        try {
            close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public void close() throws IOException {
        int open = fd.getAndSet(CLOSED);
        if (open != CLOSED) {
            POSIX.close(open);
        }
    }
}
