package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.FakeMovers;
import dev.holdfast.testing.TroubleExpected;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Random news, and an agent that dies between a write and what follows from it; the seed is in every message. */
@ExtendWith(TroubleExpected.class)
class SessionSimulationTest {
    private static final class Died extends Error {
        private static final long serialVersionUID = 1;
    }

    @Test
    void there_are_never_two_movers_nothing_ended_runs_again_and_everything_ends() {
        int rounds = Boolean.getBoolean("holdfast.soak") ? 20_000 : 60;
        long first = Long.getLong("holdfast.seed", System.nanoTime());
        for (long seed = first; seed < first + rounds; seed++) {
            try {
                run(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dholdfast.seed=" + seed + ": " + e, e);
            }
        }
    }

    private static void run(long seed) {
        Random random = new Random(seed);
        Rig rig = new Rig();
        rig.seed = seed;
        Map<SessionId, Outcome> ended = new HashMap<>();
        int[] fuse = {-1};
        boolean[] dead = {false};
        Runnable mayDie = () -> {
            dead[0] |= fuse[0] >= 0 && fuse[0]-- == 0;
            if (dead[0]) {
                throw new Died();
            }
        };
        rig.store.before = () -> {
            if (dead[0]) {
                throw new Died();
            }
        };
        rig.store.after = mayDie;
        rig.movers.before = mayDie;
        rig.restart();
        for (int step = 0; step < 60; step++) {
            fuse[0] = random.nextInt(4) == 0 ? random.nextInt(4) : -1;
            try {
                act(rig, random, step);
            } catch (Died _) {
                assertThat(dead[0]).isTrue();
            }
            if (dead[0]) {
                dead[0] = false;
                fuse[0] = -1;
                rig.restart();
            }
            check(rig, ended);
        }
        fuse[0] = -1;
        rig.movers.blind = 0;
        rig.restart();
        for (int i = 0;
                i < 400
                        && rig.sessions.all().stream()
                                .anyMatch(one -> one.outcome().isEmpty());
                i++) {
            for (FakeMovers.Process process : rig.movers.living()) {
                process.answers = true;
                rig.proof.say(process.order.session(), new TransferProof.Proof.Completed("snap"));
                rig.movers.finish(process, MoverResult.End.COMPLETED, "snap", null);
            }
            rig.pass(Duration.ofMinutes(1));
            rig.sessions.revalidate();
            check(rig, ended);
        }
        assertThat(rig.sessions.all())
                .allSatisfy(one -> assertThat(one.outcome()).isPresent());
        assertThat(rig.movers.living()).isEmpty();
    }

    private static void act(Rig rig, Random random, int step) {
        List<FakeMovers.Process> living = rig.movers.living();
        List<Session> all = rig.sessions.all();
        switch (random.nextInt(8)) {
            case 0 -> rig.submit("s" + step);
            case 1 -> rig.restart();
            case 2 -> {
                if (!all.isEmpty()) {
                    rig.sessions.cancel(all.get(random.nextInt(all.size())).id());
                }
            }
            case 3 -> {
                if (!living.isEmpty()) {
                    rig.movers.end(living.get(random.nextInt(living.size())), null);
                }
            }
            case 4 -> {
                if (!living.isEmpty()) {
                    FakeMovers.Process process = living.get(random.nextInt(living.size()));
                    rig.proof.say(process.order.session(), new TransferProof.Proof.Completed("snap"));
                    rig.movers.finish(process, MoverResult.End.COMPLETED, "snap", null);
                }
            }
            case 5 -> {
                living.forEach(process -> process.answers = random.nextBoolean());
                rig.movers.blind = random.nextInt(3);
            }
            case 6 -> living.forEach(process -> process.status = FakeMovers.status(random.nextInt(1000), "t"));
            default -> {
                rig.pass(Duration.ofSeconds(random.nextInt(30)));
                rig.sessions.revalidate();
            }
        }
    }

    private static void check(Rig rig, Map<SessionId, Outcome> ended) {
        rig.check();
        for (Session session : rig.sessions.all()) {
            Outcome before = ended.get(session.id());
            session.outcome().ifPresent(outcome -> ended.putIfAbsent(session.id(), outcome));
            if (before != null) {
                assertThat(session.outcome()).contains(before);
            }
        }
    }
}
