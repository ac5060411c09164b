package dev.holdfast.session;

/** The state directory belongs to another agent, or cannot be used. */
public final class StateLockException extends Exception {
    private static final long serialVersionUID = 1;

    StateLockException(String message) {
        super(message);
    }

    StateLockException(String message, Throwable cause) {
        super(message, cause);
    }
}
