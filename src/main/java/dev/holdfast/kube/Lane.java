package dev.holdfast.kube;

import java.time.Duration;

/** What a request is for. Earlier ones go first; one token in twenty goes to the last that waits, so none starves. */
public enum Lane {
    /** Heartbeats and leases: others depend on them being in time. A part of the tokens is kept for them. */
    LEASE(Duration.ofSeconds(2), Duration.ofSeconds(10)),
    /** Somebody waits: restore, abort, a status that is looked at. */
    INTERACTIVE(Duration.ofSeconds(30), Duration.ofMinutes(2)),
    /** The bulk. */
    BACKUP(Duration.ofSeconds(30), Duration.ofMinutes(2)),
    /** Revalidation of what is known already, and serves meanwhile: tried again for a short time only. */
    DISCOVERY(Duration.ofSeconds(30), Duration.ofSeconds(4));

    private final Duration waitMax;
    private final Duration triesMax;

    Lane(Duration waitMax, Duration triesMax) {
        this.waitMax = waitMax;
        this.triesMax = triesMax;
    }

    /** How long one attempt may wait in the gate; then it fails with {@link WaitedTooLong}. */
    public Duration waitMax() {
        return waitMax;
    }

    /** After this time no further attempt begins. */
    Duration triesMax() {
        return triesMax;
    }
}
