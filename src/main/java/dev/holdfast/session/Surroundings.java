package dev.holdfast.session;

import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * What a test replaces to be in charge of time, threads and chance.
 *
 * @param executor for the work of sessions
 */
record Surroundings(InstantSource clock, Executor executor, Patience patience, RandomGenerator random) {
    static Surroundings real(InstantSource clock, int concurrentMax) {
        return new Surroundings(
                clock, LaneThreads.of(concurrentMax), Patience.standard(), RandomGenerator.getDefault());
    }
}
