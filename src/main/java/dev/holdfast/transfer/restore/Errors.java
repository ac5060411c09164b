package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.PosixException;
import java.io.IOException;

/** Turns trouble with the target into words. */
final class Errors {
    private Errors() {}

    static TransferException target(String what, IOException why) {
        if (isFull(why)) {
            return new TransferException(
                    Code.TARGET_FULL,
                    "restore " + what + ": no space left; free some and the restore goes on where it was",
                    why);
        }
        return new TransferException(Code.TARGET_IO, "restore " + what + ": " + why.getMessage(), why);
    }

    private static boolean isFull(IOException why) {
        if (why instanceof PosixException posix) {
            return posix.errno() == Errno.ENOSPC || posix.errno() == Errno.EDQUOT;
        }
        // The journal is written by the JDK, which has no exception type for it.
        String text = String.valueOf(why.getMessage());
        return text.contains("No space left") || text.contains("quota exceeded");
    }

    /** Domain failures stay as they are; lack of memory ends the process, so that it is seen for what it is. */
    static TransferException of(Throwable failure) {
        if (failure instanceof VirtualMachineError fatal) {
            throw fatal;
        }
        if (failure instanceof TransferException known) {
            return known;
        }
        return new TransferException(
                Code.INTERNAL, "restore: " + failure + "; this is a bug of holdfast, the log has its trace", failure);
    }
}
