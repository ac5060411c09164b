package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.TransferResult;
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.Snapshot;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** How a backup ends when it does not run to the snapshot, and what is said of one that did. */
final class Outcomes {
    /** What the `closed` object of a canceled backup says. */
    static final String CANCELED = "{\"end\":\"canceled\"}";

    private Outcomes() {}

    /** Progress of a snapshot that an earlier attempt committed. */
    static TransferProgress of(Snapshot done) {
        return new TransferProgress(
                done.files(), done.files(), done.bytes(), done.bytes(), 0, 0, 0, 0, "", done.warnings());
    }

    static TransferResult early(Attempt attempt, TransferControl.@Nullable Ending ending, Counters counters)
            throws TransferException {
        if (ending == TransferControl.Ending.CANCEL) {
            attempt.finish(CANCELED);
            return new TransferResult.Canceled(counters.progress());
        }
        attempt.checkpoint();
        return new TransferResult.Stopped(counters.progress());
    }

    /** Domain failures stay as they are; lack of memory ends the process, so that it is seen for what it is. */
    static TransferException asTransferException(Throwable failure) {
        if (failure instanceof VirtualMachineError fatal) {
            throw fatal;
        }
        if (failure instanceof TransferException known) {
            return known;
        }
        if (failure instanceof UncheckedIOException scratch) {
            return new TransferException(
                    TransferException.Code.REPOSITORY_IO, String.valueOf(scratch.getMessage()), scratch);
        }
        return new TransferException(
                TransferException.Code.INTERNAL,
                "back up: " + failure + "; this is a bug of holdfast, the log has its trace",
                failure);
    }

    static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
