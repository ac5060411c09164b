package dev.holdfast.transfer;

/** Hears of a running transfer. Called from the engine's threads, never concurrently; must return quickly. */
public interface TransferListener {
    /** How an attempt began. */
    enum Start {
        /** First attempt. */
        FRESH,
        /** Goes on from what earlier attempts made durable; the last block verified. */
        RESUMED,
        /** As RESUMED, but the last block did not verify and an earlier one was taken. */
        RESUMED_EARLIER,
        /** The repository does not know the token any more: a new one was made. */
        RESTARTED
    }

    /** The repository has accepted the session. {@code token} is what a later attempt must present. */
    void started(Start start, String token, long epoch);

    /** At most a few times a second, and once at the end. */
    void progressed(TransferProgress progress);

    /** Something was not taken as it is. {@code kind} is stable; the message names the first path of that kind. */
    void warned(String kind, String message);
}
