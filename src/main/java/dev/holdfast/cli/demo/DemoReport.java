package dev.holdfast.cli.demo;

import dev.holdfast.cli.Figures;
import dev.holdfast.cli.Table;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What happened, how long it took, what it cost, and whether each promise was kept. */
final class DemoReport {
    private final PrintStream out;
    private final List<String[]> rows = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private int kept;

    DemoReport(PrintStream out) {
        this.out = out;
        rows.add(new String[] {"WHAT HAPPENED", "TOOK", "BYTES SENT", "SENT AGAIN", "RESULT"});
    }

    /** {@code sent} and {@code again} are -1 where they say nothing. */
    void row(String what, Duration took, long sent, long again, String result) {
        rows.add(new String[] {
            what,
            Figures.time(took),
            sent < 0 ? "-" : Figures.bytes(sent),
            again < 0 ? "-" : Figures.bytes(again),
            result
        });
        out.println("  " + what + ": " + result + " (" + Figures.time(took) + ")");
    }

    /** One promise. */
    void check(boolean holds, String promise) {
        if (holds) {
            kept++;
        } else {
            broken.add(promise);
            out.println("  BROKEN: " + promise);
        }
    }

    boolean passed() {
        return broken.isEmpty();
    }

    void print() {
        out.println();
        Table.print(rows, out);
        out.println();
        out.println(kept + " checks hold" + (broken.isEmpty() ? "" : ", " + broken.size() + " do not:"));
        broken.forEach(promise -> out.println("  BROKEN: " + promise));
    }
}
