package dev.holdfast.transfer.repository;

import org.jspecify.annotations.Nullable;

/** Lets a test kill the process between two writes: {@code -Dholdfast.failpoint=name:count} halts at that hit. */
final class Failpoint {
    private static final @Nullable String NAME;
    private static final int COUNT;
    private static int hits;

    static {
        String setting = System.getProperty("holdfast.failpoint");
        int colon = setting == null ? -1 : setting.lastIndexOf(':');
        NAME = setting == null || colon < 0 ? setting : setting.substring(0, colon);
        COUNT = setting == null || colon < 0 ? 1 : Integer.parseInt(setting.substring(colon + 1));
    }

    private Failpoint() {}

    /** Costs a comparison with null outside of tests. */
    static void hit(String name) {
        if (NAME != null && NAME.equals(name)) {
            count();
        }
    }

    private static synchronized void count() {
        if (++hits == COUNT) {
            Runtime.getRuntime().halt(137);
        }
    }
}
