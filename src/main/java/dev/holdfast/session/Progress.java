package dev.holdfast.session;

import java.time.Instant;

/**
 * Last known progress of a transfer, as its mover told it; totals are -1 while unknown, bytes are source bytes except
 * {@code bytesSent}.
 */
public record Progress(
        Instant at,
        long filesDone,
        long filesTotal,
        long bytesDone,
        long bytesTotal,
        long bytesSent,
        long bytesSentAgain,
        long bytesReadAgain,
        long lastBlock,
        String lastBlockId,
        long warnings) {
    public static Progress none(Instant at) {
        return new Progress(at, 0, -1, 0, -1, 0, 0, 0, 0, "", 0);
    }
}
