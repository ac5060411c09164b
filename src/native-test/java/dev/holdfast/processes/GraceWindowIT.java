package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a SIGTERM does to an agent with busy movers, and to movers without an agent. */
class GraceWindowIT {
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final Map<String, String> KEEP =
            Map.of("HOLDFAST_SHUTDOWN_GRACE", GRACE.toSeconds() + "s", "HOLDFAST_SHUTDOWN_MOVERS", "keep");
    private static final Map<String, String> STOP =
            Map.of("HOLDFAST_SHUTDOWN_GRACE", GRACE.toSeconds() + "s", "HOLDFAST_SHUTDOWN_MOVERS", "stop");

    @Test
    void busy_movers_are_kept_or_stopped_as_the_policy_says_and_nothing_is_sent_again() throws Exception {
        long seed = Figures.seed("grace window");
        try (Workspace workspace = new Workspace()) {
            AgentProcess keeping = AgentProcess.start(workspace, KEEP);
            Fleet fleet = Fleet.busy(workspace, keeping, seed, 300);
            Map<String, Long> movers = fleet.movers(keeping);

            Duration kept = keeping.terminate(workspace.patience(GRACE.plusSeconds(3)));

            assertThat(movers.values()).allMatch(Workspace::alive);
            Figures.say("SIGTERM with " + Fleet.MOVERS + " movers, keep: agent left after " + kept.toMillis() + " ms");
            String orphan = fleet.ids().getFirst();
            long pid = movers.getOrDefault(orphan, -1L);
            terminateOrphan(workspace, orphan, pid);

            AgentProcess stopping = AgentProcess.start(workspace, STOP);
            assertThat(Fleet.recovered(stopping, "reattached"))
                    .as(stopping.recovery().toPrettyString())
                    .isEqualTo(Fleet.MOVERS - 1);
            assertThat(stopping.session(orphan).path("outcome").isNull()).isTrue();
            Waiting.until("orphan resumed", workspace.patience(Duration.ofSeconds(30)), () -> {
                long now = AgentProcess.mover(stopping.session(orphan));
                return now > 0 && now != pid;
            });
            fleet.awaitMoving(stopping);
            stopAll(workspace, fleet, stopping);
        }
    }

    private static void terminateOrphan(Workspace workspace, String id, long pid) throws Exception {
        long begun = System.nanoTime();
        Workspace.terminate(pid);
        Workspace.awaitGone(pid, workspace.patience(GRACE));
        Figures.say("SIGTERM to a mover without agent: left after "
                + Duration.ofNanos(System.nanoTime() - begun).toMillis() + " ms");
        assertThat(workspace.path("state").resolve("movers").resolve(id))
                .isDirectoryContaining(path -> path.getFileName().toString().startsWith("result"));
    }

    private static void stopAll(Workspace workspace, Fleet fleet, AgentProcess agent) throws Exception {
        Map<String, Long> movers = fleet.movers(agent);

        Duration stopped = agent.terminate(workspace.patience(GRACE.plusSeconds(3)));

        Figures.say("SIGTERM with " + Fleet.MOVERS + " movers, stop: agent left after " + stopped.toMillis() + " ms");
        Duration soon = workspace.patience(Duration.ofSeconds(2));
        movers.values().forEach(pid -> Workspace.awaitGone(pid, soon));
        try (Stream<Path> files = Files.list(workspace.path("state").resolve("sessions"))) {
            assertThat(files.filter(path -> path.toString().endsWith(".session")))
                    .hasSize(Fleet.MOVERS);
        }
        AgentProcess next = AgentProcess.start(workspace, STOP);
        for (String id : fleet.ids()) {
            JsonNode session = next.session(id);
            assertThat(session.path("token").asText())
                    .as("token of " + id)
                    .isNotEqualTo("null")
                    .isNotEmpty();
            assertThat(session.path("progress").path("bytesDone").asLong())
                    .as("what " + id + " had done, over all attempts")
                    .isPositive();
            assertThat(session.path("totals").path("bytesSent").asLong())
                    .as("what the stopped attempt of " + id + " had sent, from its session file")
                    .isPositive();
        }
        assertThat(fleet.finish(next)).containsOnly("completed");
        Figures.say("after stop and resume of " + Fleet.MOVERS + " movers: sent again " + fleet.sentAgain(next) + " B");
        assertThat(fleet.sentAgain(next)).isZero();
        assertThat(fleet.stored()).isLessThan((long) (fleet.sourceBytes() * 1.05));
    }
}
