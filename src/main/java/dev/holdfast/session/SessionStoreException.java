package dev.holdfast.session;

/** A session file could not be written or read; the change it was for has not happened. */
public final class SessionStoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public SessionStoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
