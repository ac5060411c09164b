package dev.holdfast.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Why something could not be read or written, in words: of many exceptions of the JDK the message is the path alone.
 */
public final class Reason {
    private Reason() {}

    /** For the end of a message that says what was tried. */
    public static String of(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> missing.getFile() + " does not exist";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException other -> other.getFile() + " is in the way";
            case DirectoryNotEmptyException full -> full.getFile() + " is not empty";
            case NotDirectoryException file -> file.getFile() + " is not a directory";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}
