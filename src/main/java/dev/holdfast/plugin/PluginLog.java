package dev.holdfast.plugin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What a plugin writes to its standard error, line by line, with limits: a line is cut, and of a flood only the start
 * of each second is passed on, with a line that says how much was left out. It is always read to its end, so that a
 * plugin never waits for us. Lock: the object itself guards the last lines.
 */
final class PluginLog implements Runnable {
    static final int LINE_BYTES_MAX = 4096;
    static final int LINES_PER_SECOND_MAX = 100;
    private static final int LAST_LINES = 3;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final InputStream in;
    private final Consumer<String> sink;
    private final LongSupplier nanoTime;
    private final Deque<String> last = new ArrayDeque<>();
    private long second;
    private int passed;
    private long dropped;

    PluginLog(InputStream in, Consumer<String> sink, LongSupplier nanoTime) {
        this.in = in;
        this.sink = sink;
        this.nanoTime = nanoTime;
        this.second = nanoTime.getAsLong();
    }

    @Override
    public void run() {
        byte[] buffer = new byte[8192];
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (in) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n') {
                        line(line);
                    } else if (line.size() < LINE_BYTES_MAX) {
                        line.write(buffer[i]);
                    }
                }
            }
        } catch (IOException _) {
            // The process is gone, and its log with it.
        }
        if (line.size() > 0) {
            line(line);
        }
        tellDropped();
    }

    /** What it said last, for a message about its end; empty if it said nothing. */
    synchronized String lastWords() {
        return String.join(" / ", last);
    }

    /** Without what could disturb a terminal or a log. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private void line(ByteArrayOutputStream bytes) {
        String text = printable(bytes.toString(StandardCharsets.UTF_8).strip());
        bytes.reset();
        if (text.isEmpty()) {
            return;
        }
        remember(text);
        if (nanoTime.getAsLong() - second >= SECOND_NANOS) {
            tellDropped();
            second = nanoTime.getAsLong();
            passed = 0;
        }
        if (passed < LINES_PER_SECOND_MAX) {
            passed++;
            sink.accept(text);
        } else {
            dropped++;
        }
    }

    private void tellDropped() {
        if (dropped > 0) {
            sink.accept("… " + dropped + " more lines, left out: at most " + LINES_PER_SECOND_MAX + " a second");
            dropped = 0;
        }
    }

    private synchronized void remember(String text) {
        last.addLast(text.length() > 300 ? text.substring(0, 300) + "…" : text);
        if (last.size() > LAST_LINES) {
            last.removeFirst();
        }
    }
}
