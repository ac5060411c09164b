package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/** A session file could not be written or read; the change it was for has not happened. */
public class SessionStoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public SessionStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
