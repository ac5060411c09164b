package dev.holdfast.kube;

import java.time.Duration;

/** Keeps nodes that were started together, as by one rollout, from asking the API server together ever after. */
final class Spread {
    /** A tenth to either side of the middle. */
    private static final double PART = 0.2;

    private Spread() {}

    /**
     * How long a node waits in each round. It keeps its place, so that there are no more rounds in an hour than without
     * it.
     *
     * @param place of the node, 0 to 1
     * @return 0 to a fifth of the round
     */
    static Duration within(Duration round, double place) {
        return Duration.ofNanos((long) (round.toNanos() * PART * place));
    }
}
