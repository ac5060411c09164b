package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.TransferResult;
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.Snapshot;
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

    static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
