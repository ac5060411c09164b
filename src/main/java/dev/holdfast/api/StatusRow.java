package dev.holdfast.api;

import dev.holdfast.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * A session on the status page, as text.
 *
 * @param percent 0 to 100, or -1 while the total is unknown
 * @param tone good, bad or plain: chooses the color
 */
record StatusRow(
        String id,
        String kind,
        String what,
        String state,
        String tone,
        int percent,
        String done,
        String files,
        String sent,
        String mover,
        String attempt,
        String age,
        String note,
        List<String> warnings) {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    static StatusRow of(Session session) {
        SessionView view = SessionView.of(session);
        SessionView.ProgressView progress = view.progress();
        String outcome = view.outcome();
        return new StatusRow(
                view.id(),
                view.kind(),
                what(view),
                outcome == null ? view.state() : outcome,
                tone(view),
                percent(view),
                bytes(progress.bytesDone()) + (progress.bytesTotal() < 0 ? "" : " of " + bytes(progress.bytesTotal())),
                Long.toString(progress.filesDone()),
                bytes(view.totals().bytesSent())
                        + (view.totals().bytesSentAgain() > 0
                                ? ", again " + bytes(view.totals().bytesSentAgain())
                                : ""),
                view.mover() == null ? "-" : Long.toString(view.mover().pid()),
                view.attempt()
                        + (view.start() == null
                                ? ""
                                : " (" + view.start().toLowerCase(Locale.ROOT).replace('_', ' ') + ")"),
                age(Duration.between(view.created(), outcome == null ? Instant.now() : view.updated())),
                note(view),
                view.warnings().stream()
                        .map(one -> one.count() + " " + one.kind() + ": " + one.example())
                        .toList());
    }

    static String bytes(long value) {
        double left = value;
        int unit = 0;
        while (left >= 1024 && unit < UNITS.length - 1) {
            left /= 1024;
            unit++;
        }
        return unit == 0 ? value + " B" : String.format(Locale.ROOT, "%.1f %s", left, UNITS[unit]);
    }

    static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        return seconds < 120
                ? seconds + " s"
                : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
    }

    private static int percent(SessionView view) {
        if ("completed".equals(view.outcome())) {
            return 100;
        }
        long total = view.progress().bytesTotal();
        return total <= 0 ? -1 : (int) Math.clamp(view.progress().bytesDone() * 100.0 / total, 0, 100);
    }

    private static String what(SessionView view) {
        return view.kind().equals("backup")
                ? view.source() + " → " + view.repository()
                : view.repository() + " → " + view.target();
    }

    private static String tone(SessionView view) {
        return switch (view.outcome()) {
            case "completed" -> "good";
            case "failed" -> "bad";
            case null, default -> view.failure() == null ? "plain" : "bad";
        };
    }

    private static String note(SessionView view) {
        if (view.failure() != null) {
            return view.failure().code() + ": " + view.failure().message()
                    + (view.retryAt() == null ? "" : "; next try at " + view.retryAt());
        }
        if ("completed".equals(view.outcome())) {
            return "snapshot " + view.snapshot();
        }
        return view.recovery() == null ? "" : view.recovery().replace('_', ' ') + " at the agent's last start";
    }
}
