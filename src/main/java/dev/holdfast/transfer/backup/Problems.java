package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.PosixException;
import dev.holdfast.transfer.tree.WarningSink;
import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.io.IOException;

/** An entry that could not be read is a warning: the rest of the backup goes on. */
final class Problems {
    private Problems() {}

    static void unreadable(WarningSink sink, String path, IOException why) {
        boolean gone = why instanceof PosixException posix && posix.errno() == Errno.ENOENT;
        sink.warn(
                gone ? Kind.VANISHED : Kind.UNREADABLE,
                gone
                        ? "read " + path + ": it was removed while the backup ran"
                        : "read " + path + ": " + why.getMessage() + "; it is missing from the snapshot");
    }
}
