package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.processes.Workspace.RepositoryFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A repository that is not mounted for a while: what has begun waits for it, and goes on by itself. */
class RepositoryAwayIT {
    @Test
    void a_backup_waits_for_its_repository_over_a_restart_and_goes_on() throws Exception {
        Map<String, String> settings = Map.of("HOLDFAST_SESSION_RETRY_MAX", "1s", "HOLDFAST_SESSION_ATTEMPTS_MAX", "1");
        try (Workspace workspace = new Workspace()) {
            RepositoryFiles repository = workspace.repository();
            long bytes = workspace.makeTree("source", Figures.seed("repository away"), 120, 200_000);
            AgentProcess agent = AgentProcess.start(workspace, settings);
            String id = agent.backup(repository, workspace.path("source"), 1, bytes / 10);
            agent.awaitBytes(id, bytes / 5);
            Path away = workspace.path("away");

            Files.move(repository.directory(), away);
            agent.limit(id, 0); // The mover comes to its end, and cannot say so.
            assertThat(agent.awaitTrouble(id, "REPOSITORY_MISSING"))
                    .contains(repository.directory().toString(), "mounted");
            agent.kill();
            AgentProcess next = AgentProcess.start(workspace, settings);
            assertThat(next.awaitTrouble(id, "REPOSITORY_MISSING")).contains("mounted");
            Files.move(away, repository.directory());
            JsonNode ended = next.awaitEnd(id);

            assertThat(ended.path("outcome").asText())
                    .as(ended.toPrettyString())
                    .isEqualTo("completed");
            assertThat(ended.path("totals").path("bytesSentAgain").asLong()).isLessThanOrEqualTo(2 << 20);
            assertThat(workspace.bytesIn(repository.directory())).isLessThan((long) (bytes * 1.03) + (1 << 20));
        }
    }
}
