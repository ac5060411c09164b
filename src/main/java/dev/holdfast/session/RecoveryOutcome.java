package dev.holdfast.session;

/** What recovery made of one session file. */
public enum RecoveryOutcome {
    /** Its mover lives and has proven itself; nothing was interrupted. */
    REATTACHED,
    /** It ended while no agent was there; reported now. */
    FINISHED,
    /** Goes on in a new process, same token. */
    RESUMED,
    /** Goes on from an earlier block than the last one. */
    RESUMED_EARLIER,
    /** The repository no longer knew the token: goes on with a new one. */
    RESTARTED,
    /** No process had been started for it yet. */
    LAUNCHED,
    /** Cannot go on; the failure says what to do. */
    FAILED,
    /** The file could not be read, or is of a newer version. */
    QUARANTINED,
    /** Had ended before. */
    ENDED
}
