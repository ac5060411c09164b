package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.testing.SmallDisk;
import dev.holdfast.transfer.repository.Repository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The disk of the state directory is full: movers go on, nothing is lost, and it goes on when there is room. */
class StateDiskFullIT {
    private static final long DISK = 4 << 20;

    @Test
    void a_full_state_disk_stops_no_mover_loses_no_session_and_is_told() throws Exception {
        long seed = Figures.seed("state disk full");
        try (SmallDisk disk = SmallDisk.of(DISK);
                Workspace workspace = new Workspace()) {
            Path repository = workspace.path("repository");
            Path key = workspace.path("key");
            Repository.init(repository, key).close();
            long bytes = workspace.makeTree("source", seed, 100, 200_000);
            Map<String, String> onDisk = on(disk);
            AgentProcess agent = AgentProcess.start(workspace, onDisk, disk);
            String id = agent.backup(repository, key, workspace.path("source"), 1, bytes / 10);
            JsonNode before = agent.awaitBytes(id, 1);
            long mover = AgentProcess.mover(before);

            disk.fill();

            assertThatThrownBy(() -> agent.backup(repository, key, workspace.path("source"), 1, 0))
                    .hasMessageContainingAll("507", "STORE_IO", "No space left on device", "Make room");
            assertThat(agent.readiness()).startsWith("503 ").contains("No space left on device");
            assertThat(agent.page()).contains("Sessions cannot be stored");
            assertThat(agent.log()).contains("session files cannot be written");
            assertThat(Workspace.alive(mover)).isTrue();

            Workspace.awaitGone(mover, Duration.ofMinutes(1)); // It works to the end without room for its result.
            assertThat(agent.session(id).path("outcome").isNull()).isTrue();
            disk.free();

            JsonNode after = agent.awaitEnd(id);
            assertThat(after.path("outcome").asText()).isEqualTo("completed");
            assertThat(after.path("generation").asInt()).isEqualTo(1);
            Waiting.until("ready again", Duration.ofSeconds(20), agent::isReady);
            assertThat(agent.log()).contains("session files can be written again");
            String next = agent.backup(repository, key, workspace.path("source"), 1, 0);
            assertThat(agent.awaitEnd(next).path("outcome").asText()).isEqualTo("completed");
            agent.terminate(Duration.ofSeconds(30));
        }
    }

    @Test
    void an_agent_that_starts_with_a_full_state_disk_takes_up_its_movers() throws Exception {
        long seed = Figures.seed("start with a full state disk");
        try (SmallDisk disk = SmallDisk.of(DISK);
                Workspace workspace = new Workspace()) {
            Path repository = workspace.path("repository");
            Path key = workspace.path("key");
            Repository.init(repository, key).close();
            long bytes = workspace.makeTree("source", seed, 100, 200_000);
            Map<String, String> onDisk = on(disk);
            AgentProcess agent = AgentProcess.start(workspace, onDisk, disk);
            String id = agent.backup(repository, key, workspace.path("source"), 1, bytes / 120);
            long mover = AgentProcess.mover(agent.awaitBytes(id, 1));
            agent.kill();
            disk.fill();

            AgentProcess next = AgentProcess.launch(workspace, onDisk, disk);

            Waiting.until(
                    "recovered",
                    Duration.ofMinutes(1),
                    () -> next.readiness().startsWith("200 ") || next.log().contains("cannot be written"));
            assertThat(AgentProcess.mover(next.session(id))).isEqualTo(mover);
            assertThat(Workspace.alive(mover)).isTrue();
            disk.free();
            next.limit(id, 0);
            assertThat(next.awaitEnd(id).path("outcome").asText()).isEqualTo("completed");
            next.terminate(Duration.ofSeconds(30));
        }
    }

    /** Movers run the program from its place: a copy of the executable would fill the disk before the test does. */
    private static Map<String, String> on(SmallDisk disk) {
        return Map.of(
                "HOLDFAST_STATE_DIR", disk.point().resolve("state").toString(),
                "HOLDFAST_MOVER_COMMAND", String.join(",", Packaged.command()));
    }
}
