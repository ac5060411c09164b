package dev.holdfast.session;

/** This one session cannot be stored, now or later; it says nothing of others, nor of the disk. */
public final class SessionRefused extends SessionStoreException {
    private static final long serialVersionUID = 1;

    private final boolean taken;

    /** @param taken whether its id is the trouble, rather than what it holds */
    SessionRefused(String message, boolean taken) {
        super(message, null);
        this.taken = taken;
    }

    /** Whether another id would do. */
    public boolean taken() {
        return taken;
    }
}
