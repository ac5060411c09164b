package dev.holdfast.session;

/** No sessions are taken in: recovery is not done yet, or the agent is leaving. */
public final class SessionsClosed extends IllegalStateException {
    private static final long serialVersionUID = 1;

    public SessionsClosed(String message) {
        super(message);
    }
}
