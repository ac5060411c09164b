package dev.holdfast.transfer.repository;

import dev.holdfast.linux.Reason;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.os.PosixException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** The one place where what goes wrong with a store becomes a {@link TransferException}. */
final class Trouble {
    private Trouble() {}

    /**
     * Maps an I/O error.
     *
     * @param attempted what was being done, such as {@code "write"}
     * @param object name of the object, or the whole location
     */
    static TransferException of(String attempted, String object, IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return damaged(object, "it is missing", cause);
        }
        if (cause instanceof EOFException) {
            return damaged(object, "it is too short", cause);
        }
        return inTheWay(attempted, object, cause);
    }

    /** The same where nothing was expected to be there yet, so that nothing is damaged. */
    static TransferException inTheWay(String attempted, String object, IOException cause) {
        String text = Reason.of(cause);
        if (PosixException.isFull(cause)) {
            return new TransferException(
                    Code.REPOSITORY_FULL,
                    attempted + " " + object + ": no space left; free or add space there, the session then goes on",
                    cause);
        }
        return new TransferException(
                Code.REPOSITORY_IO,
                attempted + " " + object + ": " + text + "; check that the file system is mounted and writable",
                cause);
    }

    /** An object is not what it should be. */
    static TransferException damaged(String object, String how, @Nullable Throwable cause) {
        return new TransferException(
                Code.REPOSITORY_DAMAGED,
                "read " + object + ": " + how + "; run a full verify to see what it touches",
                cause);
    }

    /** An object was written by a program that knows more than this one. */
    static TransferException newer(String object, int version) {
        return new TransferException(
                Code.REPOSITORY_NEWER,
                "read " + object + ": its version is " + version + ", this program knows up to " + Frames.VERSION
                        + "; use a newer holdfast");
    }

    /** As {@link Repository#requireOfObject}. */
    static TransferException requireOfObject(BlobStore store, TransferException failed) throws TransferException {
        switch (failed.code()) {
            case REPOSITORY_DAMAGED, REPOSITORY_NEWER -> {
                return failed;
            }
            case REPOSITORY_IO -> {
                try {
                    store.get(RepositoryFormat.NAME, RepositoryFormat.BYTES_MAX);
                    return failed;
                } catch (IOException away) {
                    throw failed;
                }
            }
            default -> throw failed;
        }
    }

    /** Passes an exception on that says REPOSITORY_DAMAGED, throws any other. */
    static TransferException requireDamage(TransferException failed) throws TransferException {
        if (failed.code() != Code.REPOSITORY_DAMAGED) {
            throw failed;
        }
        return failed;
    }
}
