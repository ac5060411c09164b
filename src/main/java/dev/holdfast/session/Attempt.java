package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * The current, or else the last, process started for a session.
 *
 * @param generation counts the processes from 1; 0 before the first
 * @param nonce secret of this generation, empty before the first
 * @param workers threads it was told to use; 0 leaves it to the mover
 * @param fruitless attempts in a row, before this one, that made no progress
 * @param start how it began, see {@link MoverStatus#start()}; null until known
 * @param epoch what the repository handed out to it, 0 until known
 */
public record Attempt(
        int generation,
        String nonce,
        int workers,
        int fruitless,
        @Nullable String start,
        long epoch) {
    static final Attempt NONE = new Attempt(0, "", 0, 0, null, 0);

    /**
     * The next one; the secret is new.
     *
     * @param asked threads wanted, unless there is a reason for fewer
     */
    Attempt next(String newNonce, int asked) {
        return new Attempt(generation + 1, newNonce, workers > 0 ? workers : asked, fruitless, null, 0);
    }

    Attempt withRetry(int fruitlessNow, int workersNext) {
        return new Attempt(generation, nonce, workersNext, fruitlessNow, start, epoch);
    }

    Attempt seen(MoverStatus status) {
        return new Attempt(
                generation,
                nonce,
                workers,
                fruitless,
                status.start() == null ? start : status.start(),
                status.epoch() == 0 ? epoch : status.epoch());
    }

    /** Without the nonce. */
    @Override
    public String toString() {
        return "generation " + generation + " epoch " + epoch;
    }
}
