package dev.holdfast.linux;

/** How many threads work on one transfer when nobody says so. */
public final class Workers {
    /** What a mover has memory for: each worker takes about 14 MiB. */
    public static final int DEFAULT_MAX = 4;

    private Workers() {}

    /** One for each processor, within that. */
    public static int byDefault() {
        return Math.clamp(Runtime.getRuntime().availableProcessors(), 1, DEFAULT_MAX);
    }
}
