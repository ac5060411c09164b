package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.linux.FreePorts;
import dev.holdfast.processes.Workspace.RepositoryFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A command that follows its session outlives the agent as the mover does. */
class FollowerIT {
    @Test
    void a_backup_that_is_followed_survives_the_restart_of_the_agent() throws Exception {
        long seed = Figures.seed("follower");
        try (Workspace workspace = new Workspace()) {
            RepositoryFiles repository = workspace.repository();
            long bytes = workspace.makeTree("source", seed, 100, 200_000);
            List<Integer> free = FreePorts.find(2);
            Map<String, String> ports = Map.of(
                    "QUARKUS_HTTP_PORT", free.get(0).toString(),
                    "QUARKUS_MANAGEMENT_PORT", free.get(1).toString());
            AgentProcess agent = AgentProcess.start(workspace, ports);
            Path said = workspace.path("said");
            Process command = new ProcessBuilder(Packaged.command(
                            "backup",
                            workspace.path("source").toString(),
                            "--repository=" + repository.directory(),
                            "--key-file=" + repository.key(),
                            "--agent=" + agent.address("/"),
                            "--state-dir=" + workspace.path("state"),
                            "--limit=" + bytes / 300))
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            workspace.own(command);
            AgentProcess first = agent;
            List<JsonNode> sessions = Waiting.forThe("the session", Duration.ofMinutes(1), () -> {
                List<JsonNode> all = first.sessions();
                return all.isEmpty() ? null : all;
            });
            String id = sessions.getFirst().path("id").asText();
            long done =
                    agent.awaitBytes(id, 1).path("progress").path("bytesDone").asLong();

            agent.kill();
            Waiting.until("the command notices", workspace.patience(Duration.ofSeconds(20)), () -> read(said)
                    .contains("away"));
            agent = AgentProcess.start(workspace, ports);

            assertThat(agent.session(id).path("progress").path("bytesDone").asLong())
                    .isGreaterThanOrEqualTo(done);
            agent.limit(id, 0);
            assertThat(command.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(command.exitValue()).as(read(said)).isZero();
            assertThat(read(said)).contains("snapshot ").doesNotContain("Exception");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
