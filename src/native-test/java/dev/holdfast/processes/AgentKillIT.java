package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.processes.Workspace.RepositoryFiles;
import dev.holdfast.transfer.repository.Repository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Agents that die without a word. */
class AgentKillIT {
    @Test
    void busy_movers_keep_their_processes_when_the_agent_is_killed_again_and_again() throws Exception {
        long seed = Figures.seed("agent killed");
        int rounds = Figures.rounds(Packaged.isNative() ? 5 : 2, 50);
        List<Long> recoveries = new ArrayList<>();
        List<Long> starts = new ArrayList<>();
        try (Workspace workspace = new Workspace()) {
            AgentProcess agent = AgentProcess.start(workspace, Map.of());
            Fleet fleet = Fleet.busy(workspace, agent, seed, Math.max(300, 30 + rounds * 8));
            Map<String, Long> movers = fleet.movers(agent);
            for (int round = 0; round < rounds; round++) {
                agent.kill();
                agent = AgentProcess.start(workspace, Map.of());
                recoveries.add(agent.recovery().path("millis").asLong());
                starts.add(agent.ready().toMillis());
                assertThat(Fleet.recovered(agent, "reattached"))
                        .as(agent.recovery().toPrettyString())
                        .isEqualTo(Fleet.MOVERS);
                assertThat(fleet.movers(agent)).isEqualTo(movers);
                assertThat(fleet.sentAgain(agent)).isZero();
            }
            assertThat(fleet.finish(agent)).containsOnly("completed");
            assertThat(fleet.sentAgain(agent)).isZero();
            assertThat(fleet.ids()).allSatisfy(id -> assertThat(id).isNotEmpty());
            Figures.say("agent -9 x" + rounds + " with " + Fleet.MOVERS + " movers: recovery "
                    + Figures.millis(recoveries.stream().mapToLong(Long::longValue)) + "; process start to ready "
                    + Figures.millis(starts.stream().mapToLong(Long::longValue)) + "; sent again 0 B; stored "
                    + fleet.stored() + " B for " + fleet.sourceBytes() + " B");
            long recoveryMax = workspace.patience(Duration.ofSeconds(5)).toMillis();
            assertThat(recoveries).allSatisfy(millis -> assertThat(millis).isLessThan(recoveryMax));
            assertThat(fleet.stored()).isLessThan((long) (fleet.sourceBytes() * 1.05));
        }
    }

    @Test
    void a_backup_that_finished_while_the_agent_was_away_is_reported_and_not_run_again() throws Exception {
        long seed = Figures.seed("finished while away");
        try (Workspace workspace = new Workspace()) {
            RepositoryFiles repository = workspace.repository();
            long bytes = workspace.makeTree("source", seed, 100, 200_000);
            AgentProcess agent = AgentProcess.start(workspace, Map.of());
            String id = agent.backup(repository, workspace.path("source"), 1, bytes / 4);
            JsonNode before = agent.awaitBytes(id, bytes / 10);
            agent.kill();
            Workspace.awaitGone(AgentProcess.mover(before), Duration.ofSeconds(60));

            agent = AgentProcess.start(workspace, Map.of());

            JsonNode after = agent.awaitEnd(id);
            assertThat(after.path("outcome").asText()).isEqualTo("completed");
            assertThat(after.path("generation").asInt())
                    .isEqualTo(before.path("generation").asInt());
            assertThat(Fleet.recovered(agent, "finished")).isEqualTo(1);
            assertThat(workspace.movers()).isEmpty();
            try (Repository opened = repository.open()) {
                assertThat(opened.snapshots()).hasSize(1);
            }
            Figures.say("finished while the agent was away: reported in "
                    + agent.recovery().path("millis").asLong() + " ms, not run again");
        }
    }

    @Test
    void a_second_agent_on_the_same_state_directory_leaves_and_names_the_first() throws Exception {
        try (Workspace workspace = new Workspace()) {
            AgentProcess first = AgentProcess.start(workspace, Map.of());
            long begun = System.nanoTime();

            AgentProcess second = AgentProcess.launch(workspace, Map.of());
            int exit = second.awaitExit(Duration.ofSeconds(60));

            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            assertThat(exit).isNotZero();
            assertThat(second.log()).contains(Long.toString(first.pid())).contains("state");
            assertThat(first.recovery().path("done").asBoolean()).isTrue();
            Figures.say("second agent left after " + took.toMillis() + " ms (its start included) with exit " + exit);
            assertThat(took).isLessThan(first.ready().plusSeconds(10)); // It waits 5 s for the first one to leave.
        }
    }
}
