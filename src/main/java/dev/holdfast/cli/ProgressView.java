package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.transfer.TransferProgress;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Shows how far something has come: one line rewritten on a terminal, a line every 5 s otherwise, JSON lines for
 * programs. Not thread-safe.
 */
public final class ProgressView {
    /** How to show it. */
    enum Mode {
        TERMINAL,
        LINES,
        JSON
    }

    /** Totals are -1 while unknown. */
    public record Sample(
            long filesDone, long filesTotal, long bytesDone, long bytesTotal, long bytesSent, long warnings) {
        public static Sample of(TransferProgress progress) {
            return new Sample(
                    progress.filesDone(),
                    progress.filesTotal(),
                    progress.bytesDone(),
                    progress.bytesTotal(),
                    progress.bytesSent(),
                    progress.warningCount());
        }

        /** From the {@code progress} of a session. */
        public static Sample of(JsonNode progress) {
            return new Sample(
                    progress.path("filesDone").asLong(0),
                    progress.path("filesTotal").asLong(-1),
                    progress.path("bytesDone").asLong(0),
                    progress.path("bytesTotal").asLong(-1),
                    progress.path("bytesSent").asLong(0),
                    progress.path("warnings").asLong(0));
        }
    }

    private static final long LINE_NANOS = 5_000_000_000L;
    private static final long REWRITE_NANOS = 200_000_000L;
    private static final int BAR = 24;

    private final Terminal terminal;
    private final Mode mode;
    private final LongSupplier nanos;
    private boolean lineOpen;
    private boolean any;
    private long shownAt;
    private long rateAt;
    private long rateBytes;
    private double rate = -1;

    ProgressView(Terminal terminal, Mode mode, LongSupplier nanos) {
        this.terminal = terminal;
        this.mode = mode;
        this.nanos = nanos;
    }

    /** For this terminal, or JSON lines on standard output. */
    public static ProgressView of(Terminal terminal, boolean json) {
        return new ProgressView(
                terminal, json ? Mode.JSON : terminal.interactive() ? Mode.TERMINAL : Mode.LINES, System::nanoTime);
    }

    /** Shows it if it is time to. */
    public void show(String what, Sample sample) {
        long now = nanos.getAsLong();
        if (any && now - shownAt < (mode == Mode.TERMINAL ? REWRITE_NANOS : LINE_NANOS)) {
            return;
        }
        measure(now, sample.bytesDone());
        any = true;
        shownAt = now;
        switch (mode) {
            case TERMINAL -> {
                terminal.err().print("\r\033[K" + render(what, sample, true));
                terminal.err().flush();
                lineOpen = true;
            }
            case LINES -> terminal.err().println(render(what, sample, false));
            case JSON -> terminal.out().println(Json.line(json(what, sample)));
        }
    }

    /** A message that must not be mixed with the line that is being rewritten. */
    public void say(String message) {
        close();
        terminal.err().println(message);
    }

    /** Ends the line that is being rewritten. */
    public void close() {
        if (lineOpen) {
            terminal.err().print("\r\033[K");
            terminal.err().flush();
            lineOpen = false;
        }
    }

    private void measure(long now, long bytes) {
        if (!any) {
            rateAt = now;
            rateBytes = bytes;
            return;
        }
        double seconds = (now - rateAt) / 1e9;
        if (seconds < 0.5) {
            return;
        }
        double latest = Math.max(0, bytes - rateBytes) / seconds;
        rate = rate < 0 ? latest : rate + (latest - rate) * Math.min(1, seconds / 5);
        rateAt = now;
        rateBytes = bytes;
    }

    private String render(String what, Sample sample, boolean bar) {
        StringBuilder line = new StringBuilder(what).append("  ");
        if (sample.bytesTotal() > 0) {
            double share = Math.clamp((double) sample.bytesDone() / sample.bytesTotal(), 0.0, 1.0);
            int full = (int) (share * BAR);
            if (bar) {
                line.append('[').repeat('=', full).repeat(' ', BAR - full).append("] ");
            }
            line.append((int) (share * 100)).append(" %  ");
            line.append(Figures.bytes(sample.bytesDone())).append(" of ").append(Figures.bytes(sample.bytesTotal()));
        } else {
            line.append(Figures.bytes(sample.bytesDone()));
        }
        line.append("  ").append(Figures.count(sample.filesDone())).append(" entries");
        if (rate >= 0) {
            line.append("  ").append(Figures.bytes((long) rate)).append("/s");
            if (rate > 0 && sample.bytesTotal() > sample.bytesDone()) {
                long seconds = (long) ((sample.bytesTotal() - sample.bytesDone()) / rate);
                line.append("  ")
                        .append(seconds < 60 ? seconds + " s" : Figures.time(Duration.ofSeconds(seconds)))
                        .append(" left");
            }
        }
        if (sample.warnings() > 0) {
            line.append("  ").append(sample.warnings()).append(" warnings");
        }
        return line.toString();
    }

    private ObjectNode json(String what, Sample sample) {
        return Json.object()
                .put("type", "progress")
                .put("what", what)
                .put("filesDone", sample.filesDone())
                .put("filesTotal", sample.filesTotal())
                .put("bytesDone", sample.bytesDone())
                .put("bytesTotal", sample.bytesTotal())
                .put("bytesSent", sample.bytesSent())
                .put("warnings", sample.warnings());
    }
}
