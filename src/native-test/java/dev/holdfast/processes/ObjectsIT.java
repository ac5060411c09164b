package dev.holdfast.processes;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.backup.Shop;
import dev.holdfast.backup.VeleroLayout;
import dev.holdfast.kube.KubeExecutables;
import dev.holdfast.kube.KubeObserver;
import dev.holdfast.kube.KubeRig;
import dev.holdfast.kube.RealCluster;
import dev.holdfast.kube.StubApiServer;
import dev.holdfast.plugin.Answer;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.ItemId;
import dev.holdfast.plugin.PluginCommand;
import dev.holdfast.plugin.PluginLimits;
import dev.holdfast.plugin.Plugins;
import dev.holdfast.plugin.RealVelero;
import dev.holdfast.processes.Workspace.RepositoryFiles;
import dev.holdfast.testing.Needs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
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
    private static final int REQUESTS_MAX = 170;

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

            JsonNode backup = backup(agent, "--to", archive.toString());

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
            backup(agent, kept);
            Ran looked = holdfast(agent, "objects", "list", "--snapshot", "latest", kept[0], kept[1], kept[2], kept[3]);
            assertThat(looked.out()).as(looked.err()).isEqualTo(listed.out());
        }
    }

    @Test
    void large_objects_take_no_more_memory_for_being_many() throws Exception {
        int count = Figures.rounds(Packaged.isNative() ? 200 : 50, 10_000);
        try (StubApiServer server = new StubApiServer(1)) {
            server.haveMany("/api/v1/things0", count, 1 << 20);
            AgentProcess agent = agent(server.kubeconfig(workspace.path("")), Map.of());
            long begun = System.nanoTime();

            JsonNode backup =
                    backup(agent, "--to", workspace.path("archive.tar.gz").toString());

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

    @Test
    @Needs(KubeExecutables.class)
    void real_cluster_with_pods_and_claims_is_asked_for_each_list_once() throws Exception {
        try (RealCluster cluster = RealCluster.start()) {
            try (KubeRig unlimited = new KubeRig(
                    Files.createTempDirectory("hk"),
                    KubeRig.Config.of(-1, 100, cluster.kubeconfig()),
                    KubeObserver.NONE)) {
                Shop.open(unlimited);
            }
            Path plugins = Files.createDirectory(workspace.path("plugins"));
            AgentProcess agent = agent(cluster.kubeconfig(), Map.of("HOLDFAST_PLUGIN_DIRECTORY", plugins.toString()));
            Waiting.until(
                    "what the agent asks by itself at its start",
                    Duration.ofMinutes(1),
                    () -> given().get(agent.address("/api/v1/kube"))
                                    .as(JsonNode.class)
                                    .path("discovery")
                                    .path("resources")
                                    .asInt()
                            > 0);
            say("built-in plugins", whole(agent, cluster, REQUESTS_MAX));
            if (Packaged.isNative()) { // Where the second is measurably faster than the first.
                say("the same again", whole(agent, cluster, REQUESTS_MAX));
            }
            if (new RealVelero().missing().isEmpty()) {
                Path script = Files.writeString(
                        plugins.resolve("velero"),
                        "#!/bin/sh\nexec " + RealVelero.executable() + " run-plugins \"$@\"\n");
                Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
                say(
                        "with Velero's plugins",
                        whole(agent, cluster, 2 * REQUESTS_MAX)); // They have requests of their own.
            }
        }
    }

    /** One backup of the shop, and what it asked the server for. */
    private record Seen(JsonNode report, List<JsonNode> asked, long millis) {}

    private Seen whole(AgentProcess agent, RealCluster cluster, int requestsMax) throws Exception {
        int before = cluster.audited("").size();
        long begun = System.nanoTime();
        JsonNode backup = backup(
                agent,
                "--namespace=shop",
                "--exclude-resource=events",
                "--to",
                workspace.path("shop.tar.gz").toString());
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        List<JsonNode> all = cluster.audited("");
        List<JsonNode> asked = all.subList(before, all.size()).stream()
                .filter(event -> !event.path("userAgent").asText().startsWith("kube-apiserver/"))
                .toList();
        JsonNode report = backup.path("report");
        assertThat(report.path("objects").asInt()).isGreaterThan(2_000);
        assertThat(VeleroLayout.read(workspace.path("shop.tar.gz")))
                .containsKey("resources/clusterroles.rbac.authorization.k8s.io/cluster/reader.json")
                .containsKey("resources/persistentvolumes/cluster/pv-7.json");
        assertThat(asked.size()).as("requests").isLessThanOrEqualTo(requestsMax);
        assertThat(asked).noneMatch(event -> discovers(event.path("requestURI").asText()));
        return new Seen(report, asked, millis);
    }

    private static boolean discovers(String path) {
        return path.matches("(/api(/v1)?|/apis(/[^/?]+){0,2})([?].*)?");
    }

    private static void say(String what, Seen seen) {
        Figures.say("objects, " + what + ": " + seen.report().path("objects") + " objects, "
                + seen.asked().size() + " requests, none for discovery, "
                + seen.report().path("millis") + " ms, with the command " + seen.millis() + " ms");
    }

    private AgentProcess agent(Path kubeconfig, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("HOLDFAST_KUBE_KUBECONFIG", kubeconfig.toString());
        return AgentProcess.start(workspace, all);
    }

    /** A backup of which nothing went wrong, at its end. */
    private JsonNode backup(AgentProcess agent, String... options) throws Exception {
        String[] words = new String[options.length + 3];
        words[0] = "objects";
        words[1] = "backup";
        words[2] = "--json";
        System.arraycopy(options, 0, words, 3, options.length);
        Ran ran = holdfast(agent, words);
        assertThat(ran.exit()).as(ran.out() + ran.err()).isZero();
        return ran.result();
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
