package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.tree.WarningSink;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What a backup has counted so far; any thread. Warnings are counted by kind, and told once per kind. */
final class Counters implements WarningSink {
    final LongAdder filesDone = new LongAdder();
    final LongAdder bytesDone = new LongAdder();
    final LongAdder bytesSent = new LongAdder();
    final LongAdder bytesReadAgain = new LongAdder();
    final AtomicLong filesTotal = new AtomicLong(-1);
    final AtomicLong bytesTotal = new AtomicLong(-1);

    private final Attempt attempt;
    private final TransferListener listener;

    /** Guarded by this. */
    private final Map<String, Long> warnings = new TreeMap<>();

    Counters(Attempt attempt, TransferListener listener) {
        this.attempt = attempt;
        this.listener = listener;
    }

    @Override
    public void warn(Kind kind, String message) {
        String name = kind.name().toLowerCase(Locale.ROOT);
        boolean first;
        synchronized (this) {
            first = warnings.merge(name, 1L, Long::sum) == 1;
        }
        if (first) {
            synchronized (listener) {
                listener.warned(name, message);
            }
        }
    }

    synchronized Map<String, Long> warnings() {
        return Map.copyOf(warnings);
    }

    TransferProgress progress() {
        @Nullable ChunkId last = attempt.lastDurable();
        return new TransferProgress(
                filesDone.sum(),
                Math.max(filesTotal.get(), filesTotal.get() < 0 ? -1 : filesDone.sum()),
                bytesDone.sum(),
                Math.max(bytesTotal.get(), bytesTotal.get() < 0 ? -1 : bytesDone.sum()),
                bytesSent.sum(),
                attempt.tornBytes(),
                bytesReadAgain.sum(),
                attempt.blocksDurable(),
                last == null ? "" : last.hex(),
                warnings());
    }
}
