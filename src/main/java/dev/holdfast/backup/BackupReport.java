package dev.holdfast.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What an object backup did.
 *
 * @param taken objects by resource, such as {@code pods}
 * @param skipped objects that were meant to stay out, with the reason; the first of many
 * @param skippedCount all of them
 * @param failed what could not be taken or not as asked; the first of many
 * @param failedCount all of them
 * @param bytes of the archive
 * @param requests what the backup itself sent to the API server, plugins not counted
 */
public record BackupReport(
        Map<String, Long> taken,
        List<String> skipped,
        long skippedCount,
        List<String> failed,
        long failedCount,
        List<String> notes,
        long bytes,
        long requests,
        Instant started,
        Duration took) {
    public BackupReport {
        taken = Map.copyOf(taken);
        skipped = List.copyOf(skipped);
        failed = List.copyOf(failed);
        notes = List.copyOf(notes);
    }

    /** The counts alone. */
    BackupReport withoutLines() {
        return new BackupReport(
                taken, List.of(), skippedCount, List.of(), failedCount, List.of(), bytes, requests, started, took);
    }

    /** All objects in the archive. */
    public long objects() {
        return taken.values().stream().mapToLong(Long::longValue).sum();
    }
}
