package dev.holdfast.cli;

import org.jspecify.annotations.Nullable;

/** Ends a command with one message for a person: what was tried, on what, and what to do. */
public class CliException extends Exception {
    private static final long serialVersionUID = 1;
    private final ExitCode exit;

    public CliException(ExitCode exit, String message) {
        this(exit, message, null);
    }

    public CliException(ExitCode exit, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    /** What the process exits with. */
    public ExitCode exit() {
        return exit;
    }
}
