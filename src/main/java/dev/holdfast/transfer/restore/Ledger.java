package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.tree.WarningSink;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/** What a restore has counted so far; any thread. Each kind of warning is told once. */
final class Ledger implements WarningSink {
    final LongAdder filesDone = new LongAdder();
    final LongAdder bytesDone = new LongAdder();
    final LongAdder bytesWritten = new LongAdder();

    private final LongAdder warnings = new LongAdder();
    private final TransferListener listener;
    private final long filesTotal;
    private final long bytesTotal;

    /** Guarded by itself. */
    private final Set<Kind> told = EnumSet.noneOf(Kind.class);

    Ledger(TransferListener listener, long filesTotal, long bytesTotal) {
        this.listener = listener;
        this.filesTotal = filesTotal;
        this.bytesTotal = bytesTotal;
    }

    @Override
    public void warn(Kind kind, String message) {
        warnings.increment();
        synchronized (told) {
            if (!told.add(kind)) {
                return;
            }
        }
        synchronized (listener) {
            listener.warned(kind.name().toLowerCase(Locale.ROOT), message);
        }
    }

    TransferProgress progress() {
        return new TransferProgress(
                filesDone.sum(),
                filesTotal,
                bytesDone.sum(),
                bytesTotal,
                bytesWritten.sum(),
                0,
                0,
                0,
                "",
                warnings.sum());
    }
}
