package dev.holdfast.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers as people read and write them. */
public final class Figures {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*([kKmMgGtT]?)(?:i?[bB])?(?:/s)?");

    private Figures() {}

    /** For example {@code 1.4 GiB}; {@code ?} when negative, which means unknown. */
    public static String bytes(long bytes) {
        if (bytes < 0) {
            return "?";
        }
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
    }

    /** For example {@code 12,345}. */
    public static String count(long count) {
        return count < 0 ? "?" : String.format(Locale.ROOT, "%,d", count);
    }

    /** For example {@code 0.35 s}, {@code 12.3 s}, {@code 4m 05s}. */
    public static String time(Duration time) {
        long millis = time.toMillis();
        if (millis < 10_000) {
            return String.format(Locale.ROOT, "%.2f s", millis / 1000.0);
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
        }
        long seconds = millis / 1000;
        return seconds < 3600
                ? String.format(Locale.ROOT, "%dm %02ds", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%dh %02dm", seconds / 3600, seconds / 60 % 60);
    }

    /**
     * Reads {@code 20M}, {@code 20MiB/s}, {@code 1g} or a plain number of bytes; units are powers of 1024.
     *
     * @throws CliException when it is none of these
     */
    static long size(String text) throws CliException {
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches() || matcher.group(1).length() > 12) {
            throw new CliException(ExitCode.USAGE, "read size \"" + text + "\": write it like 500K, 20M or 1G");
        }
        int power = " kmgt"
                .indexOf(
                        matcher.group(2).isEmpty()
                                ? ' '
                                : Character.toLowerCase(matcher.group(2).charAt(0)));
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power));
        } catch (ArithmeticException e) {
            throw new CliException(ExitCode.USAGE, "read size \"" + text + "\": it is more than 8 EiB", e);
        }
    }
}
