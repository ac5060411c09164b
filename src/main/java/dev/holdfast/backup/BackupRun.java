package dev.holdfast.backup;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One object backup as the outside sees it; a copy that does not change.
 *
 * @param report what it did; null before its end, and where there is no archive
 * @param session that moves the archive into the repository, or null
 */
public record BackupRun(
        String id,
        BackupOrder order,
        Instant created,
        BackupProgress progress,
        @Nullable Outcome outcome,
        @Nullable BackupReport report,
        BackupException.@Nullable Code failureCode,
        @Nullable String failure,
        @Nullable String session) {
    /** Of the report the counts alone. */
    BackupRun withoutLines() {
        return new BackupRun(
                id,
                order,
                created,
                progress,
                outcome,
                report == null ? null : report.withoutLines(),
                failureCode,
                failure,
                session);
    }

    /** How it ended. */
    public enum Outcome {
        /** All that was asked for is in the archive. */
        COMPLETED,
        /** There is an archive, and something is not in it or not as asked: the report says what. */
        PARTIAL,
        FAILED,
        CANCELED
    }
}
