package dev.holdfast.api;

import dev.holdfast.session.MoverHandle;
import dev.holdfast.session.Outcome;
import dev.holdfast.session.Progress;
import dev.holdfast.session.RecoveryOutcome;
import dev.holdfast.session.Session;
import dev.holdfast.session.SessionRequest;
import dev.holdfast.session.Totals;
import dev.holdfast.session.Transition;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A session as the outside sees it. Fields are only ever added. */
public record SessionView(
        String id,
        String kind,
        String state,
        @Nullable String outcome,
        @Nullable FailureView failure,
        @Nullable String snapshot,
        String repository,
        @Nullable String source,
        @Nullable String sourceName,
        @Nullable String target,
        long bytesPerSecondMax,
        int attempt,
        int generation,
        @Nullable MoverView mover,
        @Nullable String token,
        @Nullable String start,
        long epoch,
        ProgressView progress,
        TotalsView totals,
        List<WarningView> warnings,
        Instant created,
        Instant updated,
        @Nullable Instant retryAt,
        @Nullable Instant deadline,
        @Nullable String recovery,
        List<TransitionView> history) {
    /** Why it failed, or is not running as it should. */
    public record FailureView(String code, String message, boolean retryable) {}

    /** The process that works for it; without its secret. */
    public record MoverView(
            long pid,
            long startTicks,
            String bootId,
            @Nullable String cgroup) {}

    /** What was sent and read again is of the current attempt; totals are -1 while unknown. */
    public record ProgressView(
            Instant at,
            long filesDone,
            long filesTotal,
            long bytesDone,
            long bytesTotal,
            long bytesSent,
            long bytesSentAgain,
            long bytesReadAgain,
            long warnings) {}

    /** Of all attempts. */
    public record TotalsView(long bytesSent, long bytesSentAgain, long bytesReadAgain) {}

    /** What could not be taken or restored as it is: so many of a kind, and the first of them. */
    public record WarningView(String kind, long count, String example) {}

    /** One change of state. */
    public record TransitionView(Instant at, String from, String event, String to) {}

    static SessionView of(Session session) {
        SessionRequest request = session.request();
        SessionRequest.@Nullable Backup backup = request instanceof SessionRequest.Backup it ? it : null;
        SessionRequest.@Nullable Restore restore = request instanceof SessionRequest.Restore it ? it : null;
        @Nullable String wanted = restore == null ? null : restore.snapshot();
        return new SessionView(
                session.id().value(),
                kind(request),
                session.stateName(),
                session.outcome().map(SessionView::name).orElse(null),
                session.failure()
                        .map(it -> new FailureView(it.code(), it.message(), it.retryable()))
                        .orElse(null),
                session.outcome().map(SessionView::made).orElse(wanted),
                request.repository().toString(),
                backup == null ? null : backup.source().toString(),
                backup == null ? null : backup.sourceName(),
                restore == null ? null : restore.target().toString(),
                request.bytesPerSecondMax(),
                session.generation(),
                session.generation(),
                session.mover().map(SessionView::mover).orElse(null),
                session.token(),
                session.start(),
                session.epoch(),
                progress(session.progress()),
                totals(session.totals()),
                session.progress().warnings().stream()
                        .map(one -> new WarningView(one.kind(), one.count(), one.example()))
                        .toList(),
                session.created(),
                session.updated(),
                session.retryAt().orElse(null),
                session.deadline(),
                session.recovered() == null ? null : name(session.recovered()),
                session.history().stream().map(SessionView::step).toList());
    }

    static String kind(SessionRequest request) {
        return switch (request) {
            case SessionRequest.Backup _ -> "backup";
            case SessionRequest.Restore _ -> "restore";
        };
    }

    static String name(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Completed _ -> "completed";
            case Outcome.Failed _ -> "failed";
            case Outcome.Canceled _ -> "canceled";
        };
    }

    static String name(RecoveryOutcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable String made(Outcome outcome) {
        return outcome instanceof Outcome.Completed completed ? completed.snapshot() : null;
    }

    private static MoverView mover(MoverHandle mover) {
        return new MoverView(
                mover.pid(),
                mover.startTicks(),
                mover.bootId(),
                mover.cgroup() == null ? null : mover.cgroup().toString());
    }

    private static ProgressView progress(Progress progress) {
        return new ProgressView(
                progress.at(),
                progress.filesDone(),
                progress.filesTotal(),
                progress.bytesDone(),
                progress.bytesTotal(),
                progress.bytesSent(),
                progress.bytesSentAgain(),
                progress.bytesReadAgain(),
                progress.warningCount());
    }

    private static TotalsView totals(Totals totals) {
        return new TotalsView(totals.bytesSent(), totals.bytesSentAgain(), totals.bytesReadAgain());
    }

    private static TransitionView step(Transition step) {
        return new TransitionView(step.at(), step.from(), step.event(), step.to());
    }
}
