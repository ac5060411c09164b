package dev.holdfast.transfer.restore;

import dev.holdfast.linux.Reason;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.os.PosixException;
import java.io.IOException;

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
}
