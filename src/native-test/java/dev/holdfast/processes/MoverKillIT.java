package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.processes.Workspace.RepositoryFiles;
import dev.holdfast.transfer.repository.Repository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Movers that die without a word, alone or together with their agent. */
class MoverKillIT {
    private static final int WORKERS = 2;
    /** A JVM needs its time for 100 MB. */
    private static final int FILES = Packaged.isNative() || Boolean.getBoolean("holdfast.soak") ? 400 : 200;

    private static final long CHUNK_MAX = 2L << 20;
    private static final long IN_FLIGHT_MAX = 1L << 20;

    @Test
    void a_mover_killed_at_random_points_is_resumed_and_sends_at_most_a_chunk_per_worker_again() throws Exception {
        int rounds = Figures.rounds(Packaged.isNative() ? 5 : 2, 50);
        killed("mover", rounds, false);
    }

    @Test
    void agent_and_mover_killed_together_are_resumed_by_the_next_agent() throws Exception {
        int rounds = Figures.rounds(2, 20);
        killed("agent and mover", rounds, true);
    }

    private static void killed(String who, int rounds, boolean withAgent) throws Exception {
        long seed = Figures.seed(who + " killed");
        Random random = new Random(seed);
        try (Workspace workspace = new Workspace()) {
            RepositoryFiles repository = workspace.repository();
            long bytes = workspace.makeTree("source", seed, FILES, 500_000);
            AgentProcess agent = AgentProcess.start(workspace, Map.of());
            String id = agent.backup(
                    repository,
                    workspace.path("source"),
                    WORKERS,
                    bytes / Math.max(Packaged.isNative() ? 15 : 10, rounds * 3 / 2));
            List<Long> againAfterEach = new ArrayList<>();
            List<Long> resumeMillis = new ArrayList<>();
            long[] points =
                    random.longs(rounds, bytes / 20, bytes * 3 / 4).sorted().toArray();
            for (long point : points) {
                JsonNode before = agent.awaitBytes(id, point);
                long mover = AgentProcess.mover(before);
                long begun = System.nanoTime();
                if (withAgent) {
                    agent.kill();
                    Workspace.kill(mover);
                    agent = AgentProcess.start(workspace, Map.of());
                    assertThat(Fleet.recovered(agent, "resumed") + Fleet.recovered(agent, "launched"))
                            .as(agent.recovery().toPrettyString())
                            .isEqualTo(1);
                } else {
                    Workspace.kill(mover);
                }
                JsonNode after = awaitNext(agent, id, before);
                resumeMillis.add(Duration.ofNanos(System.nanoTime() - begun).toMillis());
                againAfterEach.add(after.path("totals").path("bytesSentAgain").asLong());
                assertThat(AgentProcess.mover(after)).isNotEqualTo(mover);
                assertThat(after.path("start").asText()).startsWithIgnoringCase("resumed");
            }
            agent.limit(id, 0);
            JsonNode ended = agent.awaitEnd(id);
            assertThat(ended.path("outcome").asText())
                    .as(ended.toPrettyString())
                    .isEqualTo("completed");
            check(who, rounds, bytes, ended, resumeMillis, againAfterEach);
            long resumeMax = Math.max(30_000, 20 * workspace.slowestStart().toMillis());
            assertThat(resumeMillis).allSatisfy(millis -> assertThat(millis).isLessThan(resumeMax));
            checkStored(workspace, repository, bytes);
            checkRestored(workspace, agent, repository);
        }
    }

    private static JsonNode awaitNext(AgentProcess agent, String id, JsonNode before) {
        return Waiting.forThe("session " + id + " in another process", Duration.ofMinutes(2), () -> {
            JsonNode session = agent.session(id);
            if (!session.path("outcome").isNull()) {
                throw new IllegalStateException("session ended: " + session.toPrettyString());
            }
            return session.path("epoch").asLong() > before.path("epoch").asLong() && AgentProcess.mover(session) > 0
                    ? session
                    : null;
        });
    }

    private static void check(
            String who, int rounds, long bytes, JsonNode ended, List<Long> resumeMillis, List<Long> againAfterEach) {
        long sentAgain = ended.path("totals").path("bytesSentAgain").asLong();
        long readAgain = ended.path("totals").path("bytesReadAgain").asLong();
        Figures.say(who + " -9 x" + rounds + " on " + bytes + " B: resumed in "
                + Figures.millis(resumeMillis.stream().mapToLong(Long::longValue)) + "; sent again " + sentAgain
                + " B in all (after each kill " + againAfterEach + "); read again " + readAgain + " B");
        assertThat(sentAgain).isLessThanOrEqualTo(WORKERS * CHUNK_MAX * rounds);
        // For each kill the file that each worker was at, none larger than half a MiB, and the last block as a check;
        // once, what was read within 3 s of its making, as its times say nothing yet: a twentieth at this limit.
        assertThat(readAgain).isLessThanOrEqualTo(bytes / 20 + IN_FLIGHT_MAX * WORKERS * rounds);
    }

    /** The source is incompressible and has no two equal chunks, so a chunk stored twice would show in the size. */
    private static void checkStored(Workspace workspace, RepositoryFiles repository, long bytes) throws Exception {
        long stored = workspace.bytesIn(repository.directory());
        long problems = 0;
        try (Repository opened = repository.open()) {
            for (String pack : opened.packs()) {
                problems += opened.check(pack).problems().size();
            }
            assertThat(opened.checkObjects()).isEmpty();
            assertThat(opened.snapshots()).hasSize(1);
        }
        Figures.say("stored " + stored + " B for " + bytes + " incompressible bytes, " + problems + " problems");
        assertThat(problems).isZero();
        assertThat(stored).isLessThan((long) (bytes * 1.03) + (1 << 20));
    }

    private static void checkRestored(Workspace workspace, AgentProcess agent, RepositoryFiles repository) {
        Path target = workspace.path("restored");
        JsonNode restored = agent.restore(repository, "latest", target);
        assertThat(restored.path("outcome").asText())
                .as(restored.toPrettyString())
                .isEqualTo("completed");
        assertThat(Workspace.describe(target)).isEqualTo(Workspace.describe(workspace.path("source")));
    }
}
