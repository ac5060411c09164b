package dev.holdfast.mover.worker;

import dev.holdfast.mover.protocol.Status;
import dev.holdfast.mover.protocol.Warning;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferProgress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What is known of the transfer, put together from what the engine tells. Lock: the object itself. */
final class Report implements TransferListener {
    private final MoverLog log;
    private final LongSupplier bytesPerSecondMax;
    private final boolean ownCgroup;
    private TransferProgress progress = TransferProgress.NONE;
    private Instant at = Instant.now();
    private @Nullable String token;
    private @Nullable String start;
    private long epoch;
    private long version;
    private final Map<String, String> examples = new HashMap<>();

    Report(MoverLog log, LongSupplier bytesPerSecondMax, boolean ownCgroup) {
        this.log = log;
        this.bytesPerSecondMax = bytesPerSecondMax;
        this.ownCgroup = ownCgroup;
    }

    /** Grows with every change. */
    synchronized long version() {
        return version;
    }

    synchronized Status status() {
        return new Status(
                at,
                progress.filesDone(),
                progress.filesTotal(),
                progress.bytesDone(),
                progress.bytesTotal(),
                progress.bytesSent(),
                progress.bytesSentAgain(),
                progress.bytesReadAgain(),
                progress.lastBlock(),
                progress.lastBlockId(),
                warnings(),
                token,
                start,
                epoch,
                bytesPerSecondMax.getAsLong(),
                ownCgroup);
    }

    private List<Warning> warnings() {
        return progress.warnings().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(one -> new Warning(one.getKey(), one.getValue(), examples.getOrDefault(one.getKey(), "")))
                .toList();
    }

    @Override
    public void started(Start how, String sessionToken, long sessionEpoch) {
        synchronized (this) {
            token = sessionToken;
            start = how.name();
            epoch = sessionEpoch;
            version++;
        }
        log.line("transfer started: " + how + ", epoch " + sessionEpoch);
    }

    @Override
    public synchronized void progressed(TransferProgress now) {
        progress = now;
        at = Instant.now();
        version++;
    }

    @Override
    public void warned(String kind, String message) {
        synchronized (this) {
            examples.putIfAbsent(kind, message);
        }
        log.line("warning " + kind + ": " + message);
    }
}
