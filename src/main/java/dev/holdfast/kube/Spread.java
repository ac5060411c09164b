package dev.holdfast.kube;

import java.time.Duration;
import java.util.SplittableRandom;

/** Keeps nodes that were started together, as by one rollout, from asking the API server together ever after. */
final class Spread {
    /** A tenth to either side of the middle. */
    private static final double PART = 0.2;

    private Spread() {}

    /**
     * A node's own place in a round. It does not change from round to round, so that there are no more rounds in an
     * hour than without it.
     *
     * @return 0 to a fifth of the round; always the same for a seed
     */
    static Duration within(Duration round, long seed) {
        return Duration.ofNanos((long) (round.toNanos() * PART * new SplittableRandom(seed).nextDouble()));
    }
}
