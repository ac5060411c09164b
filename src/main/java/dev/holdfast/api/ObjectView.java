package dev.holdfast.api;

import dev.holdfast.backup.BackupProgress;
import dev.holdfast.backup.BackupReport;
import dev.holdfast.backup.BackupRun;
import dev.holdfast.backup.BackupTarget;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A backup of Kubernetes objects as the outside sees it. Fields are only ever added. */
public record ObjectView(
        String id,
        String name,
        String phase,
        @Nullable String outcome,
        @Nullable FailureView failure,
        @Nullable String file,
        @Nullable String repository,
        @Nullable String session,
        ProgressView progress,
        @Nullable ReportView report,
        Instant created) {
    /** Why there is no archive. */
    public record FailureView(String code, String message) {}

    /** How far it is; the total is 0 while unknown. */
    public record ProgressView(
            int resourcesDone, int resourcesTotal, long objects, long failed, long skipped, long bytes) {}

    /**
     * What it did; the lines are the first of many.
     *
     * @param taken objects by resource
     */
    public record ReportView(
            long objects,
            Map<String, Long> taken,
            long skippedCount,
            List<String> skipped,
            long failedCount,
            List<String> failed,
            List<String> notes,
            long bytes,
            long requests,
            Instant started,
            long millis) {}

    static ObjectView of(BackupRun run) {
        BackupProgress progress = run.progress();
        BackupTarget target = run.order().target();
        return new ObjectView(
                run.id(),
                run.order().name(),
                progress.phase().name().toLowerCase(Locale.ROOT),
                run.outcome() == null ? null : run.outcome().name().toLowerCase(Locale.ROOT),
                run.failureCode() == null
                        ? null
                        : new FailureView(run.failureCode().name(), String.valueOf(run.failure())),
                target instanceof BackupTarget.ArchiveFile archive
                        ? archive.file().toString()
                        : null,
                target instanceof BackupTarget.InRepository in ? in.repository().toString() : null,
                run.session(),
                new ProgressView(
                        progress.resourcesDone(),
                        progress.resourcesTotal(),
                        progress.objects(),
                        progress.failed(),
                        progress.skipped(),
                        progress.bytes()),
                run.report() == null ? null : report(run.report()),
                run.created());
    }

    private static ReportView report(BackupReport report) {
        return new ReportView(
                report.objects(),
                new TreeMap<>(report.taken()),
                report.skippedCount(),
                report.skipped(),
                report.failedCount(),
                report.failed(),
                report.notes(),
                report.bytes(),
                report.requests(),
                report.started(),
                report.took().toMillis());
    }
}
