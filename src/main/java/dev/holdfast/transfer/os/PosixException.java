package dev.holdfast.transfer.os;

import java.io.IOException;

/** A system call failed; carries the errno and says what was tried on what. */
public final class PosixException extends IOException {
    private static final long serialVersionUID = 1;

    private final int errno;

    /**
     * @param call what was tried, as the manual names it
     * @param subject what it was tried on: a name, or {@code fd 7}
     */
    public PosixException(int errno, String call, String subject) {
        super(call + " " + subject + ": " + Errno.describe(errno));
        this.errno = errno;
    }

    /** The number of the error; {@link Errno} names those that decide something. */
    public int errno() {
        return errno;
    }
}
