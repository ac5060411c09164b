package dev.holdfast.config;

import java.util.Locale;
import java.util.Optional;

/**
 * How many requests may be sent to the API server: {@code burst} at once, then {@code qps} in a second. Always a pair
 * that passed {@link #problem}.
 *
 * @param qps more than 0, or {@link #OFF}
 */
public record Budget(double qps, int burst) {
    /** Instead of a rate: no limit at all. */
    public static final double OFF = -1;

    /** What is in force where nobody says anything else. */
    public static final Budget BUILT_IN = new Budget(100, 100);

    private static final double QPS_MAX = 10_000;
    private static final int BURST_MAX = 20_000;

    public Budget {
        problem(qps, burst).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
    }

    /** Why the two do not make a budget; empty if they do. */
    public static Optional<String> problem(double qps, double burst) {
        if (qps != OFF && !(qps > 0 && qps <= QPS_MAX)) {
            return Optional.of("qps is " + text(qps) + ": allowed is more than 0 to 10000, or -1 for no limit");
        }
        if (!(burst >= 1 && burst <= BURST_MAX) || burst != Math.rint(burst)) {
            return Optional.of("burst is " + text(burst) + ": allowed are whole numbers, 1 to 20000");
        }
        return Optional.empty();
    }

    /** Whether there is no limit. */
    public boolean unlimited() {
        return qps == OFF;
    }

    /** What works, but hardly as meant; for the log. */
    public Optional<String> warning() {
        return !unlimited() && burst < qps / 10
                ? Optional.of("burst " + burst + " is less than a tenth of qps " + text(qps)
                        + ": requests that come together will wait for each other")
                : Optional.empty();
    }

    /** This part of it, at least one request at once. No limit stays no limit. */
    public Budget times(double factor) {
        return unlimited() ? this : new Budget(qps * factor, (int) Math.max(1, Math.floor(burst * factor)));
    }

    /** As people write it: {@code 100/100}. */
    @Override
    public String toString() {
        return unlimited() ? "no limit" : text(qps) + "/" + burst;
    }

    private static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%s", value);
    }
}
