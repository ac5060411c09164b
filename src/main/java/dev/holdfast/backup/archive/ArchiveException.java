package dev.holdfast.backup.archive;

import org.jspecify.annotations.Nullable;

/** An archive cannot be read or must not be unpacked; the message says which one and why. */
public final class ArchiveException extends Exception {
    private static final long serialVersionUID = 1;
    private final Code code;

    /** Why; stable, for programs. */
    public enum Code {
        MISSING,
        DAMAGED,
        /** Unpacked, it would write where it must not. */
        HOSTILE,
        /** Where it is to be unpacked cannot be used. */
        TARGET
    }

    ArchiveException(Code code, String message) {
        this(code, message, null);
    }

    ArchiveException(Code code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
