package dev.holdfast.mover;

import dev.holdfast.config.MoverConfig;
import dev.holdfast.linux.Workers;
import dev.holdfast.mover.protocol.HandleFile;
import dev.holdfast.mover.protocol.MalformedException;
import dev.holdfast.mover.protocol.Plan;
import dev.holdfast.mover.protocol.ResultFile;
import dev.holdfast.mover.protocol.Status;
import dev.holdfast.session.Failure;
import dev.holdfast.session.MoverHandle;
import dev.holdfast.session.MoverResult;
import dev.holdfast.session.MoverStatus;
import dev.holdfast.session.Movers.LaunchOrder;
import dev.holdfast.session.Progress;
import dev.holdfast.session.SessionRequest;
import dev.holdfast.session.Warning;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** From the words of the protocol to those of sessions, and back. */
final class Translation {
    private Translation() {}

    static Plan plan(LaunchOrder order) {
        int workers = order.workers() > 0 ? Math.min(order.workers(), MoverConfig.WORKERS_MAX) : Workers.byDefault();
        return switch (order.request()) {
            case SessionRequest.Backup backup ->
                new Plan.Backup(
                        backup.repository(),
                        backup.keyFile(),
                        workers,
                        backup.bytesPerSecondMax(),
                        backup.source(),
                        backup.sourceName());
            case SessionRequest.Restore restore ->
                new Plan.Restore(
                        restore.repository(),
                        restore.keyFile(),
                        workers,
                        restore.bytesPerSecondMax(),
                        restore.snapshot(),
                        restore.target());
        };
    }

    static MoverHandle handle(HandleFile file, @Nullable Path leaf) {
        return new MoverHandle(
                file.generation(),
                file.nonce(),
                file.pid(),
                file.startTicks(),
                file.bootId(),
                file.ownCgroup() ? leaf : null,
                file.socket());
    }

    static MoverStatus status(Status status) {
        Progress progress = new Progress(
                status.at(),
                status.filesDone(),
                status.filesTotal(),
                status.bytesDone(),
                status.bytesTotal(),
                status.bytesSent(),
                status.bytesSentAgain(),
                status.bytesReadAgain(),
                status.lastBlock(),
                status.lastBlockId(),
                status.warnings().stream()
                        .map(one -> new Warning(one.kind(), one.count(), one.example()))
                        .toList());
        return new MoverStatus(
                progress,
                status.token(),
                status.start(),
                status.epoch(),
                status.bytesPerSecondMax(),
                status.ownCgroup());
    }

    static MoverResult result(ResultFile file) throws MalformedException {
        MoverResult.End end = Arrays.stream(MoverResult.End.values())
                .filter(known -> known.name().equals(file.end()))
                .findFirst()
                .orElseThrow(() -> new MalformedException("unknown end \"" + file.end() + "\""));
        ResultFile.Trouble trouble = file.failure();
        return new MoverResult(
                end,
                file.snapshot(),
                trouble == null ? null : new Failure(trouble.code(), trouble.message(), trouble.retryable()),
                status(file.status()));
    }
}
