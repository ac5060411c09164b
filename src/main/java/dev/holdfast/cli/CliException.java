package dev.holdfast.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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

    /** In words; of many exceptions of the JDK the message is the path alone. */
    public static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> missing.getFile() + " does not exist";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }

    /** What the process exits with. */
    public ExitCode exit() {
        return exit;
    }
}
