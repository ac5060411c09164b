package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.PosixException;
import dev.holdfast.transfer.tree.WarningSink;
import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.io.IOException;

/** An entry that could not be read is a warning: the rest of the backup goes on. */
final class Problems {
    private Problems() {}

    /** @throws TransferException when this process is in want of something: the source is as it should be */
    static void unreadable(WarningSink sink, String path, IOException why) throws TransferException {
        if (why instanceof PosixException posix && posix.isShortage()) {
            throw failed(path, why);
        }
        boolean gone = why instanceof PosixException posix && posix.errno() == Errno.ENOENT;
        sink.warn(
                gone ? Kind.VANISHED : Kind.UNREADABLE,
                gone
                        ? "read " + path + ": it was removed while the backup ran"
                        : "read " + path + ": " + why.getMessage() + "; it is missing from the snapshot");
    }

    /** For a source that is not the one that an earlier attempt began with. */
    static TransferException away(String source, String found) {
        return new TransferException(
                Code.SOURCE_AWAY,
                "go on with the backup of " + source + ": " + found
                        + "; mount it, and it goes on; if it is gone or replaced for good, cancel the session");
    }

    /** For what cannot be left out. */
    static TransferException failed(String what, IOException why) {
        boolean shortage = why instanceof PosixException posix && posix.isShortage();
        return new TransferException(
                shortage ? Code.SHORTAGE : Code.SOURCE_UNREADABLE,
                "read " + what + ": " + why.getMessage()
                        + (shortage ? "; this machine is short of it, the backup goes on from here later" : ""),
                why);
    }
}
