package dev.holdfast.cli;

import java.io.PrintStream;
import java.util.List;

/** Columns as wide as they must be. */
public final class Table {
    private Table() {}

    /** Prints rows of equal length. */
    public static void print(List<String[]> rows, PrintStream out) {
        int columns = rows.isEmpty() ? 0 : rows.getFirst().length;
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row[i]).repeat(' ', i == columns - 1 ? 0 : widths[i] - row[i].length() + 2);
            }
            out.println(line);
        }
    }
}
