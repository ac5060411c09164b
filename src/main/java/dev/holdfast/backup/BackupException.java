package dev.holdfast.backup;

import org.jspecify.annotations.Nullable;

/** An object backup as a whole cannot go on; the message says what was tried and what to do. */
public final class BackupException extends Exception {
    private static final long serialVersionUID = 1;
    private final Code code;

    /** Why; stable, for programs. */
    public enum Code {
        /** There is no cluster, or it does not let us in or does not answer. */
        CLUSTER,
        /** What is asked for cannot be meant. */
        ORDER,
        /** The archive cannot be written. */
        ARCHIVE,
        /** The archive is written, but did not come into the repository. */
        REPOSITORY,
        CANCELED,
        /** The agent ended. */
        ENDED,
        INTERNAL
    }

    public BackupException(Code code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
