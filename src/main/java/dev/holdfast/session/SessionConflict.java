package dev.holdfast.session;

/** The request does not fit the session as it is: same id with another request, or removal before its end. */
public final class SessionConflict extends IllegalStateException {
    private static final long serialVersionUID = 1;

    public SessionConflict(String message) {
        super(message);
    }
}
