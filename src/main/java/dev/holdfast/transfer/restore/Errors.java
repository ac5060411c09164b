package dev.holdfast.transfer.restore;

import dev.holdfast.linux.Reason;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.os.PosixException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Turns trouble with the target into words. */
final class Errors {
    private Errors() {}

    static TransferException target(String what, IOException why) {
        if (PosixException.isFull(why)) {
            return new TransferException(
                    Code.TARGET_FULL,
                    "restore " + what + ": no space left; free some and the restore goes on where it was",
                    why);
        }
        return new TransferException(Code.TARGET_IO, "restore " + what + ": " + Reason.of(why), why);
    }

    /** Domain failures stay as they are; lack of memory ends the process, so that it is seen for what it is. */
    static TransferException of(Throwable failure) {
        if (failure instanceof VirtualMachineError fatal) {
            throw fatal;
        }
        if (failure instanceof TransferException known) {
            return known;
        }
        if (failure instanceof UncheckedIOException scratch) {
            return new TransferException(Code.REPOSITORY_IO, String.valueOf(scratch.getMessage()), scratch);
        }
        return new TransferException(
                Code.INTERNAL, "restore: " + failure + "; this is a bug of holdfast, the log has its trace", failure);
    }
}
