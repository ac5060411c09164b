package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.processes.Workspace.RepositoryFiles;
import dev.holdfast.testing.SmallDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The disk of the state directory is full: movers go on, nothing is lost, and it goes on when there is room. */
class StateDiskFullIT {
    private static final long DISK = 4 << 20;

    private final Workspace workspace = new Workspace();
    private final Path source = workspace.path("source");
    private SmallDisk disk;
    private RepositoryFiles repository;

    private record Begun(AgentProcess agent, String id, long mover) {}

    @BeforeEach
    void mount() throws Exception {
        disk = workspace.disk("disk", DISK);
        repository = workspace.repository();
    }

    @AfterEach
    void end() throws IOException {
        workspace.close();
    }

    /** A backup that needs about so many seconds and has moved something. */
    private Begun begun(String what, int seconds) {
        long bytes = workspace.makeTree("source", Figures.seed(what), 100, 200_000);
        AgentProcess agent = AgentProcess.start(workspace, onDisk(), disk);
        String id = agent.backup(repository, source, 1, bytes / seconds);
        return new Begun(agent, id, AgentProcess.mover(agent.awaitBytes(id, 1)));
    }

    @Test
    void a_full_state_disk_stops_no_mover_loses_no_session_and_is_told() throws Exception {
        Begun begun = begun("state disk full", 15);
        AgentProcess agent = begun.agent();

        disk.fill();

        assertThatThrownBy(() -> agent.backup(repository, source, 1, 0))
                .hasMessageContainingAll("507", "STORE_IO", "No space left on device", "Make room");
        assertThat(agent.readiness()).startsWith("503 ").contains("No space left on device");
        assertThat(agent.page()).contains("Sessions cannot be stored");
        assertThat(agent.log()).contains("session files cannot be written");
        assertThat(Workspace.alive(begun.mover())).isTrue();

        // It works to the end without room for its result.
        Workspace.awaitGone(begun.mover(), workspace.patience(Duration.ofMinutes(2)));
        assertThat(agent.session(begun.id()).path("outcome").isNull()).isTrue();
        disk.free();

        JsonNode after = agent.awaitEnd(begun.id());
        assertThat(after.path("outcome").asText()).isEqualTo("completed");
        assertThat(after.path("generation").asInt()).isEqualTo(1);
        Waiting.until("ready again", workspace.patience(Duration.ofSeconds(20)), agent::isReady);
        assertThat(agent.log()).contains("session files can be written again");
        String next = agent.backup(repository, source, 1, 0);
        assertThat(agent.awaitEnd(next).path("outcome").asText()).isEqualTo("completed");
        agent.terminate(Duration.ofSeconds(30));
    }

    @Test
    void an_agent_that_starts_with_a_full_state_disk_takes_up_its_movers() throws Exception {
        Begun begun = begun("start with a full state disk", 120);
        begun.agent().kill();
        disk.fill();

        AgentProcess next = AgentProcess.launch(workspace, onDisk(), disk);

        Waiting.until("recovered", Duration.ofMinutes(1), () -> hasRecovered(next));
        assertThat(AgentProcess.mover(next.session(begun.id()))).isEqualTo(begun.mover());
        assertThat(Workspace.alive(begun.mover())).isTrue();
        disk.free();
        next.limit(begun.id(), 0);
        assertThat(next.awaitEnd(begun.id()).path("outcome").asText()).isEqualTo("completed");
        next.terminate(Duration.ofSeconds(30));
    }

    /** Whether it answers, ready or not, and has been through all sessions. One that is just starting answers not. */
    private static boolean hasRecovered(AgentProcess agent) {
        String readiness = agent.readiness();
        if (!readiness.startsWith("200 ") && !readiness.startsWith("503 ")) {
            return false;
        }
        try {
            return agent.recovery().path("done").asBoolean();
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** There is no room for a copy of the native executable: movers run it from its place. */
    private Map<String, String> onDisk() {
        return Map.of("HOLDFAST_STATE_DIR", disk.point().resolve("state").toString());
    }
}
