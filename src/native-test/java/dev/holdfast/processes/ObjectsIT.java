package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.backup.VeleroLayout;
import dev.holdfast.kube.StubApiServer;
import dev.holdfast.plugin.Answer;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.ItemId;
import dev.holdfast.plugin.PluginCommand;
import dev.holdfast.plugin.PluginLimits;
import dev.holdfast.plugin.Plugins;
import dev.holdfast.processes.Workspace.RepositoryFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Backups of Kubernetes objects by the packaged program: agent, command line and the process of the plugins. */
@Timeout(600)
class ObjectsIT {
    private static final int STARTS = Packaged.isNative() ? 10 : 3;

    private Workspace workspace;

    @BeforeEach
    void open() {
        workspace = new Workspace();
    }

    @AfterEach
    void close() throws IOException {
        workspace.close();
    }

    @Test
    void objects_become_an_archive_that_the_command_line_reads() throws Exception {
        try (StubApiServer server = new StubApiServer(20)) {
            server.have(
                    "/api/v1/things0",
                    "{'kind':'Thing0List','apiVersion':'v1','metadata':{},'items':[{'metadata':{'name':'one'}}]}"
                            .replace('\'', '"'));
            AgentProcess agent = agent(server.kubeconfig(workspace.path("")), Map.of());
            Path archive = workspace.path("archive.tar.gz");

            JsonNode backup = Ran.backup(workspace, agent, "--to", archive.toString());

            assertThat(backup.path("report").path("objects").asInt())
                    .as("%s", backup)
                    .isOne();
            assertThat(VeleroLayout.read(archive)).containsKey("resources/things0/cluster/one.json");
            Ran ended = holdfast(agent, "objects", "cancel", backup.path("id").asText());
            assertThat(ended.out()).as(ended.err()).contains("had ended already, completed");
            Ran listed = holdfast(agent, "objects", "list", archive.toString());
            assertThat(listed.out()).as(listed.err()).contains("one");
            Ran extracted = holdfast(
                    agent,
                    "objects",
                    "extract",
                    archive.toString(),
                    "--to",
                    workspace.path("out").toString());
            assertThat(extracted.exit()).as(extracted.err()).isZero();
            assertThat(workspace.path("out/resources/things0/cluster/one.json")).exists();

            RepositoryFiles repository = workspace.repository();
            String[] kept = {
                "--repository",
                repository.directory().toString(),
                "--key-file",
                repository.key().toString()
            };
            Ran.backup(workspace, agent, kept);
            Ran looked = holdfast(agent, "objects", "list", "--snapshot", "latest", kept[0], kept[1], kept[2], kept[3]);
            assertThat(looked.out()).as(looked.err()).isEqualTo(listed.out());
        }
    }

    @Test
    void large_objects_take_no_more_memory_for_being_many() throws Exception {
        int count = Figures.rounds(200, 10_000);
        // A JVM takes what there is before it collects: less than the objects' size shows that they are not kept.
        Map<String, String> heap = Packaged.isNative() ? Map.of() : Map.of("JAVA_TOOL_OPTIONS", "-Xmx128m");
        try (StubApiServer server = new StubApiServer(1)) {
            server.haveMany("/api/v1/things0", count, 1 << 20);
            AgentProcess agent = agent(server.kubeconfig(workspace.path("")), heap);
            long begun = System.nanoTime();

            JsonNode backup = Ran.backup(
                    workspace, agent, "--to", workspace.path("archive.tar.gz").toString());

            long peak = memory(agent.pid(), "VmHWM:");
            Figures.say(count + " objects of 1 MiB: "
                    + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) + " ms, the agent held "
                    + peak / 1000 + " MB at most");
            assertThat(backup.path("report").path("objects").asInt()).isEqualTo(count);
            assertThat(peak).isLessThan(Packaged.isNative() ? 200_000 : 600_000);
        }
    }

    @Test
    void plugins_answer_from_a_process_of_their_own() throws Exception {
        Path folder = Files.createDirectory(workspace.path("plugin"));
        PluginCommand command = new PluginCommand("holdfast", Packaged.command("plugin"), folder, Map.of());
        byte[] pod = ("{'kind':'Pod','metadata':{'name':'web','namespace':'ns'},"
                        + "'spec':{'volumes':[{'persistentVolumeClaim':{'claimName':'d'}}]}}")
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8);
        try (Plugins plugins = Plugins.start(List.of(command), PluginLimits.DEFAULT, _ -> {})) {
            assertThat(plugins.troubles()).isEmpty();
            ItemAction action = plugins.itemActions().stream()
                    .filter(it -> it.name().equals("holdfast.dev/pod"))
                    .findFirst()
                    .orElseThrow();
            Answer answer = action.ask(pod, "{}".getBytes(StandardCharsets.UTF_8));
            assertThat(answer.additional()).containsExactly(new ItemId("", "persistentvolumeclaims", "ns", "d"));
        }
    }

    @Test
    void process_of_the_plugins_starts_fast_and_is_small() throws Exception {
        long[] millis = new long[STARTS];
        long[] kilobytes = new long[STARTS];
        for (int i = 0; i < STARTS; i++) {
            ProcessBuilder builder = new ProcessBuilder(Packaged.command("plugin"));
            builder.environment().put("VELERO_PLUGIN", "hello");
            builder.redirectError(workspace.freshLog().toFile());
            long begun = System.nanoTime();
            Process process = builder.start();
            workspace.own(process);
            try (BufferedReader out = process.inputReader()) {
                assertThat(out.readLine()).startsWith("1|2|unix|");
                millis[i] = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
                kilobytes[i] = memory(process.pid(), "VmRSS:");
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
        Figures.say("plugins' process: handshake after " + Figures.millis(LongStream.of(millis)) + "; it holds "
                + LongStream.of(kilobytes).max().orElseThrow() / 1000 + " MB at most");
        assertThat(LongStream.of(kilobytes).max().orElseThrow()).isLessThan(Packaged.isNative() ? 40_000 : 200_000);
    }

    private AgentProcess agent(Path kubeconfig, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("HOLDFAST_KUBE_KUBECONFIG", kubeconfig.toString());
        return AgentProcess.start(workspace, all);
    }

    private Ran holdfast(AgentProcess agent, String... arguments) throws Exception {
        return Ran.holdfast(workspace, agent, arguments);
    }

    /** In kB. */
    private static long memory(long pid, String which) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith(which))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
