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

/**
 * What is known of the transfer, put together from what the engine tells. Lock: {@code lock}, never held while anything
 * is written. The object itself is the engine's, which holds it while it tells, and so while a full or slow disk keeps
 * the log waiting: who asks for the status must not wait for that.
 */
final class Report implements TransferListener {
    private final Object lock = new Object();
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
    long version() {
        synchronized (lock) {
            return version;
        }
    }

    Status status() {
        synchronized (lock) {
            return told();
        }
    }

    private Status told() {
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
        synchronized (lock) {
            token = sessionToken;
            start = how.name();
            epoch = sessionEpoch;
            version++;
        }
        log.line("transfer started: " + how + ", epoch " + sessionEpoch);
    }

    @Override
    public void progressed(TransferProgress now) {
        synchronized (lock) {
            progress = now;
            at = Instant.now();
            version++;
        }
    }

    @Override
    public void warned(String kind, String message) {
        synchronized (lock) {
            examples.putIfAbsent(kind, message);
        }
        log.line("warning " + kind + ": " + message);
    }
}
