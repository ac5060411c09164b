package dev.holdfast.session;

/** What a mover does after its checkpoint when its agent leaves. */
public enum MoverPolicy {
    /** It goes on alone. */
    KEEP,
    /** It exits with its checkpoint; the next agent resumes it. */
    STOP
}
