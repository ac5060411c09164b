package dev.holdfast.transfer;

import java.util.Map;

/**
 * How far a transfer has come. Counts cover the whole session, earlier attempts included, except the two "again"
 * figures, which say what this attempt had to repeat.
 *
 * @param filesTotal entries of the source, or -1 while unknown
 * @param bytesTotal bytes of the source, or -1 while unknown
 * @param bytesDone source bytes finished, reused ones included
 * @param bytesSent bytes written to the repository by this attempt (to the target when restoring)
 * @param bytesSentAgain of these, bytes that an earlier attempt had already sent but that were not durable
 * @param bytesReadAgain source bytes that an earlier attempt had finished reading and this one read once more
 * @param lastBlock number of the last durable data frame in this attempt
 * @param lastBlockId its id in hex, empty before the first
 * @param warnings entries that could not be taken as they are, counted by kind
 */
public record TransferProgress(
        long filesDone,
        long filesTotal,
        long bytesDone,
        long bytesTotal,
        long bytesSent,
        long bytesSentAgain,
        long bytesReadAgain,
        long lastBlock,
        String lastBlockId,
        Map<String, Long> warnings) {
    /** Before anything has been looked at. */
    public static final TransferProgress NONE = new TransferProgress(0, -1, 0, -1, 0, 0, 0, 0, "", Map.of());

    public TransferProgress {
        warnings = Map.copyOf(warnings);
    }

    /** Of all kinds. */
    public long warningCount() {
        return warnings.values().stream().mapToLong(Long::longValue).sum();
    }
}
