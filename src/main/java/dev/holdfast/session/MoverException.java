package dev.holdfast.session;

/** A mover could not be started. */
public final class MoverException extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Failure failure;

    public MoverException(Failure failure, Throwable cause) {
        super(failure.message(), cause);
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
