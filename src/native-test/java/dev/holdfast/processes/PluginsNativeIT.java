package dev.holdfast.processes;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.backup.TestPlugins;
import dev.holdfast.kube.StubApiServer;
import dev.holdfast.kube.StubApiServer.Seen;
import io.restassured.http.ContentType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Plugins made by others in the directory of a packaged agent: what breaks, and what they ask the cluster for. The JVM
 * is asked within one process, by PluginFaultsTest and LocalGateTest.
 */
@Timeout(300)
class PluginsNativeIT {
    private static final Duration START_MAX = Duration.ofSeconds(15);
    private static final Duration CALL_MAX = Duration.ofSeconds(10);
    private static final int PARTIAL = 4;
    private static final String ROLE_BINDINGS = "/apis/rbac.authorization.k8s.io/v1/rolebindings";

    private static Workspace workspace;
    private static StubApiServer server;
    private static Path plugins;
    private static AgentProcess agent;

    @BeforeAll
    static void start() throws IOException {
        workspace = new Workspace();
        server = new StubApiServer(80);
        have("pods", "Pod", "web", """
                "spec":{"volumes":[{"persistentVolumeClaim":{"claimName":"data"}}]}""");
        have("serviceaccounts", "ServiceAccount", "default", """
                "secrets":[]""");
        server.haveKind("persistentvolumeclaims", "PersistentVolumeClaim");
        server.have(
                "/api/v1/namespaces/shop/persistentvolumeclaims/data",
                object("PersistentVolumeClaim", "data", "\"spec\":{}"));
        server.haveMany(ROLE_BINDINGS, 10_000, 1); // 20 pages, which the built-in plugin reads.
        plugins = Files.createDirectory(workspace.path("plugins"));
        agent = AgentProcess.start(
                workspace,
                Map.of(
                        "HOLDFAST_KUBE_KUBECONFIG",
                        server.kubeconfig(Files.createDirectory(workspace.path("cluster")))
                                .toString(),
                        "HOLDFAST_PLUGIN_DIRECTORY",
                        plugins.toString(),
                        "HOLDFAST_PLUGIN_START_TIMEOUT",
                        START_MAX.toSeconds() + "s",
                        "HOLDFAST_PLUGIN_CALL_TIMEOUT",
                        CALL_MAX.toSeconds() + "s"));
        agent.awaitDiscovery();
    }

    private static void have(String resource, String kind, String name, String rest) {
        server.haveKind(resource, kind);
        server.have("/api/v1/" + resource, """
                {"kind":"%sList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[%s]}
                """.formatted(kind, object(kind, name, rest)));
    }

    private static String object(String kind, String name, String rest) {
        return """
                {"kind":"%s","apiVersion":"v1","metadata":{"name":"%s","namespace":"shop"},%s}
                """.formatted(kind, name, rest);
    }

    @AfterAll
    static void end() throws IOException {
        workspace.close();
        server.close();
    }

    @AfterEach
    void removePlugins() throws IOException {
        try (Stream<Path> all = Files.list(plugins)) {
            for (Path plugin : all.toList()) {
                Files.delete(plugin);
            }
        }
    }

    @Test
    void plugins_that_do_not_work_are_named_and_all_else_is_taken() throws Exception {
        Path silent = workspace.path("silent.pid");
        Path fork = workspace.path("fork.pid");
        plugin("crashes", "echo 'no such flag' >&2; exit 7");
        plugin("garbage", "head -c 100000 /dev/urandom");
        plugin("endless", "yes | tr -d '\\n'");
        plugin("old", "echo '1|1|unix|/tmp/x|grpc|'; sleep 1000");
        plugin("nobody", "echo '1|2|unix|/tmp/holdfast-nobody-listens|grpc|'; sleep 1000");
        plugin("silent", "echo $$ > " + silent + "; exec sleep 1000");
        plugin(
                "forks",
                "setsid sh -c 'echo $$ > " + fork + "; exec sleep 1000' &\nuntil [ -s " + fork
                        + " ]; do :; done; echo nonsense; sleep 1000");
        plugin("noisy", "yes 'I am still here' | head -n 100000 >&2; exit 3");
        scripted("crash", "");
        scripted("hang", "");
        scripted("flood", "");

        Ran ran = Ran.holdfast(
                workspace,
                agent,
                "objects",
                "backup",
                "--json",
                "--resource=pods",
                "--resource=serviceaccounts",
                "--resource=persistentvolumeclaims",
                "--to",
                workspace.path("faults.tar.gz").toString());

        assertThat(ran.exit()).as(ran.out() + ran.err()).isEqualTo(PARTIAL);
        JsonNode report = ran.result().path("report");
        assertThat(lines(report, "failed"))
                .anyMatch(line -> line.matches("start plugin crashes: it ended with exit code 7 .*: no such flag"))
                .anyMatch(line -> line.startsWith("start plugin garbage: "))
                .anyMatch(line -> line.startsWith("start plugin endless: it said \"yyy"))
                .anyMatch(line -> line.startsWith("start plugin old: it speaks plugin protocol version 1"))
                .anyMatch(line -> line.startsWith("plugin nobody, generated.PluginLister/ListPlugins"))
                .anyMatch(line -> line.startsWith("start plugin silent: no handshake within 15 s"))
                .anyMatch(line -> line.startsWith("start plugin forks: it said \"nonsense"))
                .anyMatch(line -> line.matches("start plugin noisy: it ended with exit code 3 .*I am still here.*"))
                .anyMatch(line -> line.contains("web") && line.contains("plugin crash, ") && line.contains("code 3"))
                .anyMatch(
                        line -> line.contains("web") && line.contains("plugin hang, ") && line.contains("within 10 s"))
                .hasSize(10);
        // The claim is there because of the built-in plugin, which was asked about the same pod.
        assertThat(report.path("taken").toString())
                .isEqualTo("{\"persistentvolumeclaims\":1,\"pods\":1,\"serviceaccounts\":1}");
        assertThat(report.path("millis").asLong())
                .isLessThan(START_MAX
                        .plus(CALL_MAX)
                        .plus(workspace.patience(Duration.ofSeconds(30)))
                        .toMillis());
        Figures.say("10 plugins that do not work: " + report.path("millis") + " ms, of which "
                + START_MAX.plus(CALL_MAX).toSeconds() + " s to wait for those that are silent");
        assertThat(ProcessHandle.of(agent.pid()).orElseThrow().descendants()).isEmpty();
        Workspace.awaitGone(pid(silent), Duration.ofSeconds(10));
        Workspace.awaitGone(pid(fork), Duration.ofSeconds(10));
        assertThat(agent.log().lines()).hasSizeLessThan(1_000); // Of 120,000 that plugins have written.
    }

    /** The plugin that is not ours asks with a client of its own, as it would without an agent. */
    @Test
    void agent_and_plugins_share_one_budget_that_can_be_changed_meanwhile() throws Exception {
        Path answers = workspace.path("answers");
        scripted("keep", """
                server=$(sed -n 's/.*server: "\\(.*\\)".*/\\1/p' "$KUBECONFIG")
                ask() { curl -s -A foreign -o /dev/null -w '%{http_code}\\n' "$server/$1" >> ANSWERS; }
                { ask '{api,apis,apis/g4.example.com/v1beta1}'; ask 'api/v1/namespaces/shop/pods?n=[1-40]'; } &
                """.replace("ANSWERS", answers.toString()));
        given().header("Authorization", "Bearer " + agent.token())
                .contentType(ContentType.JSON)
                .body(Map.of("qps", 10, "burst", 10))
                .put(agent.address("/api/v1/kube/budget"))
                .then()
                .statusCode(200);
        long from = System.nanoTime();

        String id = given().header("Authorization", "Bearer " + agent.token())
                .contentType(ContentType.JSON)
                .body(Map.of("file", workspace.path("shared.tar.gz").toString()))
                .post(agent.address("/api/v1/objects"))
                .as(JsonNode.class)
                .path("id")
                .asText();
        Waiting.until(
                "requests of all three",
                Duration.ofSeconds(90),
                () -> by("foreign", from).size() >= 40
                        && by(".*plugin:holdfast.*", from).size() >= 20);
        List<Seen> slow = by(".*", from);
        Ran set = Ran.holdfast(workspace, agent, "kube", "set", "--qps=1000", "--burst=1000");
        JsonNode backup = Waiting.forThe("the end", Duration.ofSeconds(60), () -> ended(id));

        assertThat(backup.path("outcome").asText()).as("%s", backup).isEqualTo("completed");
        for (int i = 0; i < slow.size(); i++) {
            assertThat(i + 1.0).as("requests until %s", slow.get(i)).isLessThanOrEqualTo(allowed(from, slow.get(i)));
        }
        assertThat(set.out()).as(set.err()).contains("1000/1000 from live");
        List<Seen> all = by(".*", from);
        assertThat(all.size()).as("requests in all").isGreaterThan((int) allowed(from, all.getLast()));
        Figures.say("budget 10/10: " + slow.size() + " requests of agent, built-in and foreign plugin in "
                + millis(from, slow.getLast()) + " ms, allowed " + (int) allowed(from, slow.getLast())
                + "; with a change to 1000/1000 meanwhile " + all.size() + " in " + millis(from, all.getLast())
                + " ms");

        assertThat(Files.readAllLines(answers)).hasSize(43).containsOnly("200");
        assertThat(server.seen().stream()
                        .filter(seen -> seen.agent().equals("foreign"))
                        .map(Seen::path))
                .hasSize(40)
                .containsOnly("/api/v1/namespaces/shop/pods");
        assertThat(agent.kube()
                        .path("figures")
                        .path("byChild")
                        .path("plugin:keep")
                        .asInt())
                .isEqualTo(40);
        assertThat(given().accept("text/plain")
                        .get(agent.management("/q/metrics"))
                        .asString())
                .contains("holdfast_kube_requests_total{child=\"plugin:keep\",code=\"200\",verb=\"list\",} 40.0")
                .contains("holdfast_kube_served_total{child=\"plugin:keep\",what=\"discovery\",} 3.0");
    }

    /** How many requests 10/10 lets through until then. */
    private static double allowed(long from, Seen last) {
        return 10 + 10 * (last.nanos() - from) / 1e9;
    }

    private static long millis(long from, Seen last) {
        return TimeUnit.NANOSECONDS.toMillis(last.nanos() - from);
    }

    /** What has arrived of those who call themselves so. */
    private static List<Seen> by(String agents, long from) {
        return server.seen().stream()
                .filter(seen -> seen.nanos() >= from && seen.agent().matches(agents))
                .toList();
    }

    private static @Nullable JsonNode ended(String id) {
        JsonNode backup = given().get(agent.address("/api/v1/objects/" + id)).as(JsonNode.class);
        return backup.path("outcome").isTextual() ? backup : null;
    }

    private static List<String> lines(JsonNode report, String field) {
        List<String> lines = new ArrayList<>();
        report.path(field).forEach(line -> lines.add(line.asText()));
        return lines;
    }

    private static long pid(Path file) throws IOException {
        return Long.parseLong(Files.readString(file).strip());
    }

    /** One that speaks the protocol and behaves so when it is asked about a pod. */
    private static void scripted(String behaviour, String before) throws IOException {
        String command = String.join("' '", TestPlugins.java("dev.holdfast.plugin.ScriptedPlugin", behaviour));
        plugin(behaviour, before + "exec '" + command + "'");
    }

    private static void plugin(String name, String body) throws IOException {
        Path script = Files.writeString(plugins.resolve(name), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }
}
