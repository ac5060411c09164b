package dev.holdfast.transfer;

import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** A transfer, or an operation on a repository, failed. The message says what was tried, on what, and what to do. */
public final class TransferException extends Exception {
    private static final long serialVersionUID = 1;

    /** Stable names of what can go wrong; they are part of the REST and CLI contract. */
    public enum Code {
        REPOSITORY_MISSING(false),
        REPOSITORY_EXISTS(false),
        REPOSITORY_NEWER(false),
        REPOSITORY_DAMAGED(false),
        REPOSITORY_FULL(true),
        REPOSITORY_IO(true),
        KEY_MISSING(false),
        KEY_WRONG(false),
        TOKEN_REFUSED(false),
        FENCED(false),
        SNAPSHOT_MISSING(false),
        SOURCE_MISSING(false),
        SOURCE_UNREADABLE(false),
        /** What a backup has begun to read is not there now: not mounted, not attached. */
        SOURCE_AWAY(true),
        /** The process, or its machine, is in want of descriptors or memory; it says nothing of the source. */
        SHORTAGE(true),
        /** What a restore has begun to fill is not there now: not mounted, not attached. */
        TARGET_AWAY(true),
        TARGET_BUSY(false),
        TARGET_NOT_EMPTY(false),
        TARGET_FULL(true),
        TARGET_SMALL(false),
        TARGET_IO(true),
        HOSTILE_ARCHIVE(false),
        INTERNAL(false);

        private final boolean retryable;

        Code(boolean retryable) {
            this.retryable = retryable;
        }

        /** Whether the same request may succeed later without a person doing anything to it. */
        public boolean retryable() {
            return retryable;
        }
    }

    private final Code code;

    public TransferException(Code code, String message) {
        this(code, message, null);
    }

    public TransferException(Code code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /**
     * What a run came to that ended by any failure. Domain failures stay as they are; lack of memory ends the process,
     * so that it is seen for what it is.
     *
     * @param attempted such as {@code "back up"}
     */
    public static TransferException of(String attempted, Throwable failure) {
        if (failure instanceof VirtualMachineError fatal) {
            throw fatal;
        }
        if (failure instanceof TransferException known) {
            return known;
        }
        if (failure instanceof UncheckedIOException scratch) {
            return new TransferException(Code.REPOSITORY_IO, String.valueOf(scratch.getMessage()), scratch);
        }
        return new TransferException(
                Code.INTERNAL,
                attempted + ": " + failure + "; this is a bug of holdfast, the log has its trace",
                failure);
    }

    public Code code() {
        return code;
    }
}
