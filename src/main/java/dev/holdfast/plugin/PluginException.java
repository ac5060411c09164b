package dev.holdfast.plugin;

import org.jspecify.annotations.Nullable;

/** A plugin did not do what it was asked; the message says which one, what it was asked, and what came of it. */
public final class PluginException extends Exception {
    private static final long serialVersionUID = 1;
    private final Code code;

    /** What went wrong. */
    public enum Code {
        /** It could not be started, or ended before it said hello. */
        NOT_STARTED,
        /** What it said at the start is not the handshake, or of another version. */
        HANDSHAKE,
        /** Its process ended while it was asked. */
        CRASHED,
        /** It did not answer in time, and was killed for it. */
        HUNG,
        /** Its answer cannot be read. */
        NONSENSE,
        /** It answered with an error. Its process is well. */
        REFUSED,
        /** It failed so often that it is not started again. */
        GIVEN_UP
    }

    public PluginException(Code code, String message) {
        this(code, message, null);
    }

    public PluginException(Code code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
