package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.tree.WarningSink;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What a restore has counted so far; any thread. Each kind of warning is told once. */
final class Ledger implements WarningSink {
    final LongAdder filesDone = new LongAdder();
    final LongAdder bytesDone = new LongAdder();
    final LongAdder bytesWritten = new LongAdder();

    private final TransferListener listener;
    private final long filesTotal;
    private final long bytesTotal;

    /** Guarded by itself. */
    private final Map<String, Long> warnings = new TreeMap<>();

    Ledger(TransferListener listener, long filesTotal, long bytesTotal) {
        this.listener = listener;
        this.filesTotal = filesTotal;
        this.bytesTotal = bytesTotal;
    }

    @Override
    public void warn(Kind kind, String message) {
        String name = nameOf(kind);
        synchronized (warnings) {
            if (warnings.merge(name, 1L, Long::sum) > 1) {
                return;
            }
        }
        synchronized (listener) {
            listener.warned(name, message);
        }
    }

    /** Takes over what earlier attempts warned of; its kinds are told once, as others are. */
    void resume(Map<Kind, Long> earlier) {
        earlier.forEach((kind, count) -> resume(nameOf(kind), count));
    }

    void resume(String name, long count) {
        synchronized (warnings) {
            warnings.merge(name, count, Long::sum);
        }
        synchronized (listener) {
            listener.warned(name, count + " in what an earlier attempt has restored; its log names the first");
        }
    }

    private static String nameOf(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    Map<String, Long> warned() {
        synchronized (warnings) {
            return Map.copyOf(warnings);
        }
    }

    /** All of it was done by an earlier attempt. */
    void complete() {
        filesDone.add(filesTotal);
        bytesDone.add(bytesTotal);
    }

    TransferProgress progress() {
        return new TransferProgress(
                filesDone.sum(), filesTotal, bytesDone.sum(), bytesTotal, bytesWritten.sum(), 0, 0, 0, "", warned());
    }
}
