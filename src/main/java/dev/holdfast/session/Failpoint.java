package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * A place where tests end the process between two writes. Armed by the system property {@code holdfast.failpoint},
 * which is read once; never armed otherwise.
 */
enum Failpoint {
    BEFORE_WRITE,
    AFTER_TEMP,
    AFTER_FSYNC,
    AFTER_RENAME;

    static final String PROPERTY = "holdfast.failpoint";
    private static final int EXIT = 137;
    private static final @Nullable String ARMED = System.getProperty(PROPERTY);

    /** Ends the process at once, without any clean-up, if this is the armed one. */
    void reached() {
        if (name().equals(ARMED)) {
            Runtime.getRuntime().halt(EXIT);
        }
    }
}
