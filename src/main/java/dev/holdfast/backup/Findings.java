package dev.holdfast.backup;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gathers what becomes the report. Written by the thread of the backup alone; the counts may be read by others. Lines
 * are kept up to a limit and counted beyond it, so that a cluster that refuses everything cannot fill the memory.
 */
final class Findings {
    static final int LINES_MAX = 1000;
    private static final int LINE_LENGTH_MAX = 500;

    private final Map<String, Long> taken = new TreeMap<>();
    private final List<String> skipped = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final AtomicLong takenCount = new AtomicLong();
    private final AtomicLong skippedCount = new AtomicLong();
    private final AtomicLong failedCount = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong requests = new AtomicLong();

    /** @param first whether this object is not in the archive already */
    void taken(String groupResource, long objectBytes, boolean first) {
        if (first) {
            taken.merge(groupResource, 1L, Long::sum);
            takenCount.incrementAndGet();
        }
        bytes.addAndGet(objectBytes);
    }

    void skipped(String what) {
        skippedCount.incrementAndGet();
        add(skipped, what);
    }

    void failed(String what) {
        failedCount.incrementAndGet();
        add(failed, what);
    }

    void note(String what) {
        add(notes, what);
    }

    void asked() {
        requests.incrementAndGet();
    }

    /** All objects and lists that something is known of. */
    long met() {
        return takenCount() + skippedCount() + failedCount();
    }

    long takenCount() {
        return takenCount.get();
    }

    long failedCount() {
        return failedCount.get();
    }

    long skippedCount() {
        return skippedCount.get();
    }

    /** Of objects, not of the archive. */
    long bytes() {
        return bytes.get();
    }

    long requests() {
        return requests.get();
    }

    Map<String, Long> takenByResource() {
        return taken;
    }

    List<String> skippedLines() {
        return skipped;
    }

    List<String> failedLines() {
        return failed;
    }

    List<String> notes() {
        return notes;
    }

    /** Names in it may come from a plugin. */
    private static void add(List<String> lines, String text) {
        if (lines.size() < LINES_MAX) {
            String line = text.replaceAll("\\p{Cntrl}", "?");
            lines.add(line.length() > LINE_LENGTH_MAX ? line.substring(0, LINE_LENGTH_MAX) + "…" : line);
        }
    }
}
