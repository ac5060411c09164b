package dev.holdfast.processes;

import java.util.Arrays;
import java.util.stream.LongStream;

/** What was measured, for people who read the build's output. */
final class Figures {
    static final boolean SOAK = Boolean.getBoolean("holdfast.soak");

    private Figures() {}

    static int rounds(int normally, int soaking) {
        return SOAK ? soaking : normally;
    }

    /** A new seed each time, or the one given with -Dholdfast.seed. */
    static long seed(String test) {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        say(test + ": -Dholdfast.seed=" + seed);
        return seed;
    }

    static void say(String line) {
        System.out.println("[measured] " + line);
    }

    static String millis(LongStream values) {
        long[] sorted = values.sorted().toArray();
        return sorted.length == 0
                ? "nothing"
                : "median " + sorted[sorted.length / 2] + " ms, worst " + sorted[sorted.length - 1] + " ms of "
                        + Arrays.stream(sorted).count();
    }
}
