package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.processes.Workspace.RepositoryFiles;
import dev.holdfast.testing.SmallDisk;
import dev.holdfast.transfer.repository.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A full disk, of the repository or of the target: said in clear words, nothing lost, and it goes on with room. */
class DiskFullIT {
    private static final long SMALL = 12L << 20;
    private static final long LARGE = 128L << 20;

    private final Workspace workspace = new Workspace();
    private final Path disk = workspace.path("disk");
    private final Path key = workspace.path("key");
    private final Path source = workspace.path("source");
    private SmallDisk small;
    private long bytes;

    @BeforeEach
    void mount() throws Exception {
        small = workspace.disk("disk", SMALL);
        bytes = workspace.makeTree("source", Figures.seed("disk full"), 120, 500_000);
    }

    @AfterEach
    void unmount() throws Exception {
        workspace.close();
    }

    private Ran holdfast(String... arguments) throws Exception {
        Map<String, String> environment = Map.of(
                "HOLDFAST_KEY_FILE", key.toString(),
                "HOLDFAST_STATE_DIR", workspace.path("state").toString());
        return Ran.command(workspace, environment, small.seenBy(Packaged.command(arguments)));
    }

    @Test
    void a_full_repository_is_named_and_the_same_command_goes_on_with_room() throws Exception {
        Path repository = disk.resolve("repository");
        Repository.init(small.path().resolve("repository"), key).close();
        String[] backup = {"backup", source.toString(), "-r", repository.toString(), "--standalone", "--json"};

        Ran full = holdfast(backup);

        assertThat(full.exit()).as(full.err()).isEqualTo(1);
        assertThat(full.err())
                .contains("no space left", repository.toString(), "free or add space")
                .doesNotContain("Exception", "\tat ");
        assertThat(holdfast("snapshots", "-r", repository.toString(), "--json").out())
                .doesNotContain("\"id\"");
        Ran sound = holdfast("verify", "--full", "-r", repository.toString());
        assertThat(sound.exit()).as(sound.out() + sound.err()).isZero();

        small.resize(LARGE);
        long stored = workspace.bytesIn(small.path().resolve("repository"));
        Ran done = holdfast(backup);

        assertThat(done.exit()).as(done.out() + done.err()).isZero();
        long sent = done.result().path("bytesSent").asLong();
        long again = done.result().path("bytesSentAgain").asLong();
        Figures.say("repository full at " + stored + " of " + bytes + " B, then sent " + sent + ", again " + again);
        assertThat(again).isZero();
        assertThat(sent).isLessThan((long) (bytes * 1.03) - stored + (1 << 20));
        restored(repository, workspace.path("restored"));
    }

    private void restored(Path repository, Path target) throws Exception {
        Ran restore =
                holdfast("restore", "latest", "--to", target.toString(), "-r", repository.toString(), "--standalone");
        assertThat(restore.exit()).as(restore.err()).isZero();
        assertThat(Workspace.describe(target)).isEqualTo(Workspace.describe(source));
    }

    @Test
    void an_agents_session_waits_for_room_and_goes_on_by_itself() throws Exception {
        Path repository = disk.resolve("repository");
        Repository.init(small.path().resolve("repository"), key).close();
        AgentProcess agent = AgentProcess.start(
                workspace, Map.of("HOLDFAST_SESSION_RETRY_MAX", "2s", "HOLDFAST_SESSION_ATTEMPTS_MAX", "1"), small);
        String id = agent.backup(new RepositoryFiles(repository, key), source, 2, 0);

        assertThat(agent.awaitTrouble(id, "REPOSITORY_FULL")).contains("no space left", repository.toString());
        small.resize(LARGE);
        JsonNode ended = agent.awaitEnd(id);

        assertThat(ended.path("outcome").asText()).as(ended.toPrettyString()).isEqualTo("completed");
        assertThat(ended.path("totals").path("bytesSentAgain").asLong()).isZero();
        restored(repository, workspace.path("restored"));
    }

    @Test
    void a_full_target_is_named_and_the_same_command_goes_on_with_room() throws Exception {
        Path repository = workspace.path("repository");
        Repository.init(repository, key).close();
        Ran stored = holdfast("backup", source.toString(), "-r", repository.toString(), "--standalone");
        assertThat(stored.exit()).as(stored.err()).isZero();
        Path target = disk.resolve("target");
        String[] restore = {
            "restore", "latest", "--to", target.toString(), "-r", repository.toString(), "--standalone", "--json"
        };

        Ran full = holdfast(restore);

        assertThat(full.exit()).as(full.err()).isEqualTo(1);
        assertThat(full.err())
                .contains("no space left", target.toString(), "free some")
                .doesNotContain("Exception", "\tat ");
        small.resize(LARGE);
        Ran done = holdfast(restore);
        assertThat(done.exit()).as(done.err()).isZero();
        assertThat(Workspace.describe(small.path().resolve("target"))).isEqualTo(Workspace.describe(source));
        assertThat(done.result().path("bytesSent").asLong()).isLessThan(bytes - SMALL / 2);
        assertThat(List.of(small.path().toFile().list())).containsExactly("target");
    }
}
