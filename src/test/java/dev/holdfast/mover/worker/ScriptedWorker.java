package dev.holdfast.mover.worker;

import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferPlan;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.TransferResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * A real mover process with a transfer that only plays its part. The source directory is the stage: the mover leaves
 * {@code touched}, {@code checkpoints} and {@code limit} there and ends when it finds {@code finish}. The name of the
 * source says which part: {@code steady}, {@code fails}, {@code starved}.
 */
public final class ScriptedWorker {
    private ScriptedWorker() {}

    public static void main(String[] args) {
        WorkerMain.run(args, ScriptedWorker::play);
    }

    private static TransferResult play(TransferPlan plan, TransferControl control, TransferListener listener)
            throws TransferException {
        TransferPlan.Backup backup = (TransferPlan.Backup) plan;
        switch (backup.sourceName()) {
            case "fails" ->
                throw new TransferException(
                        TransferException.Code.SOURCE_MISSING, "source " + backup.source() + " is not there");
            case "starved" -> throw new OutOfMemoryError("played");
            default -> {
                return steady(backup.source(), control, listener);
            }
        }
    }

    private static TransferResult steady(Path stage, TransferControl control, TransferListener listener) {
        note(stage, "touched", Long.toString(ProcessHandle.current().pid()));
        listener.started(TransferListener.Start.FRESH, "token-1", 1);
        TransferProgress progress = TransferProgress.NONE;
        long limit = 0;
        for (long block = 1; ; block++) {
            progress = new TransferProgress(0, -1, block, -1, block, 0, 0, block, "b" + block, Map.of());
            listener.progressed(progress);
            CompletableFuture<TransferProgress> checkpoint = control.takeCheckpoint();
            if (checkpoint != null) {
                note(stage, "checkpoints", "x");
                checkpoint.complete(progress);
            }
            if (control.bytesPerSecondMax() != limit) {
                limit = control.bytesPerSecondMax();
                note(stage, "limit", limit + "\n");
            }
            TransferControl.Ending ending = control.ending();
            if (ending != null) {
                return ending == TransferControl.Ending.STOP
                        ? new TransferResult.Stopped(progress)
                        : new TransferResult.Canceled(progress);
            }
            if (Files.exists(stage.resolve("finish"))) {
                return new TransferResult.Completed("snapshot-1", progress);
            }
            LockSupport.parkNanos(2_000_000); // as long as a block takes
        }
    }

    private static void note(Path stage, String name, String text) {
        try {
            Files.writeString(stage.resolve(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
