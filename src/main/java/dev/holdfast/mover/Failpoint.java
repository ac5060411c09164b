package dev.holdfast.mover;

/**
 * Places where a test may end the agent as a crash would. Set by the property {@code holdfast.failpoint} or the
 * environment variable {@code HOLDFAST_FAILPOINT}.
 */
enum Failpoint {
    DIRECTORY_MADE,
    CGROUP_MADE,
    BOOTSTRAP_WRITTEN,
    PROCESS_STARTED,
    HANDLE_WRITTEN,
    BEFORE_HELLO;

    /** Does not return if this is the place that was asked for. */
    void reached() {
        String wanted = System.getProperty("holdfast.failpoint");
        if (wanted == null) {
            wanted = System.getenv("HOLDFAST_FAILPOINT");
        }
        if (name().equals(wanted)) {
            Runtime.getRuntime().halt(97);
        }
    }
}
