package dev.holdfast.kube;

/**
 * Which part of the budget to use when the server says how much it takes: a third less after a 429, a twentieth more
 * after each quiet time, never more than all of it and never less than a twentieth. Decides, and does nothing else.
 *
 * @param factor 0.05 to 1
 * @param changedNanos when it last changed
 * @param lowered whether that was by a refusal
 */
record AutoRate(double factor, long changedNanos, boolean lowered) {
    private static final double LOWEST = 0.05;
    private static final double LESS = 2.0 / 3;
    private static final double MORE = 0.05;
    private static final long SECOND = 1_000_000_000L;
    private static final long QUIET = 3 * SECOND;

    static AutoRate start(long now) {
        return new AutoRate(1, now - QUIET, false);
    }

    /** The server answered 429. Those that follow a lowering within a second are the same refusal. */
    AutoRate refused(long now) {
        return lowered && now - changedNanos < SECOND ? this : new AutoRate(Math.max(LOWEST, factor * LESS), now, true);
    }

    /** Time has passed. */
    AutoRate passed(long now) {
        return factor >= 1 || now - changedNanos < QUIET ? this : new AutoRate(Math.min(1, factor + MORE), now, false);
    }
}
