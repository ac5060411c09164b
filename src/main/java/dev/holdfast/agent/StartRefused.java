package dev.holdfast.agent;

/**
 * The agent cannot start, for a reason that a person can do something about. Not Quarkus' own exception for this: that
 * one is swallowed by the generated start code, and the process would wait for ever.
 */
final class StartRefused extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int exit;

    StartRefused(String message, int exit) {
        super(message, null, false, false);
        this.exit = exit;
    }

    /** What the process exits with. */
    int exit() {
        return exit;
    }
}
