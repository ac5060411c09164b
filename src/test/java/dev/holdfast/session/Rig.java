package dev.holdfast.session;

import dev.holdfast.testing.FakeMovers;
import dev.holdfast.testing.FakeProof;
import dev.holdfast.testing.ManualTime;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** An agent that can die and come back, with time, threads and chance in the test's hands: all work is done at once. */
final class Rig {
    final ManualTime time = new ManualTime();
    final FakeMovers movers = new FakeMovers();
    final FakeProof proof = new FakeProof();
    final InMemorySessionStore store = new InMemorySessionStore();
    int concurrentMax = 16;

    @Nullable
    Duration deadline;

    long seed = 1;
    Executor executor = Runnable::run;
    Patience patience = new Patience(Runnable::run, Duration.ofSeconds(1));
    Sessions sessions = create();

    Sessions create() {
        SessionSettings settings = new SessionSettings(
                SessionSettings.Retry.DEFAULT,
                concurrentMax,
                0,
                deadline,
                SessionSettings.Timing.DEFAULT.withTick(Duration.ZERO));
        return new Sessions(
                new Surroundings(time, executor, patience, new Random(seed)),
                store,
                movers,
                proof,
                settings,
                SessionObserver.NONE);
    }

    /** The agent dies without a word and another one starts. */
    RecoveryReport restart() {
        check();
        movers.unwatch();
        sessions = create();
        return sessions.recover();
    }

    SessionState state(String id) {
        return sessions.find(new SessionId(id)).orElseThrow().state();
    }

    Session session(String id) {
        return sessions.find(new SessionId(id)).orElseThrow();
    }

    FakeMovers.Process mover(String id) {
        return movers.last(new SessionId(id));
    }

    void submit(String id) {
        sessions.submit(new SessionId(id), Samples.backup());
    }

    void pass(Duration span) {
        time.pass(span);
        sessions.refresh();
        check();
    }

    void check() {
        AssertionError violation = movers.violation;
        if (violation != null) {
            throw violation;
        }
    }
}
