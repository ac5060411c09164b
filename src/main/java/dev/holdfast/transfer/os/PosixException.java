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

    /**
     * Whether there was no room for what was to be written. What the JDK throws has no number and no type for that,
     * only a text in the language of the machine: calls that write content go by {@link Posix}.
     */
    public static boolean isFull(IOException why) {
        if (why instanceof PosixException posix) {
            return posix.errno == Errno.ENOSPC || posix.errno == Errno.EDQUOT;
        }
        String text = String.valueOf(why.getMessage());
        return text.contains("No space left") || text.contains("quota exceeded");
    }

    /** Whether this process, or its machine, is in want of something: it says nothing of the subject. */
    public boolean isShortage() {
        return errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOMEM;
    }

    /** The number of the error; {@link Errno} names those that decide something. */
    public int errno() {
        return errno;
    }
}
