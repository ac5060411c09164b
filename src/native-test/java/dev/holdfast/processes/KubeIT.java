package dev.holdfast.processes;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.holdfast.kube.StubApiServer;
import dev.holdfast.linux.FreePorts;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An agent with a cluster, and what people see and change of the way it uses it. */
class KubeIT {
    private static final int STARTS = Packaged.isNative() ? 10 : 1;

    private static Workspace workspace;
    private static StubApiServer server;
    private static Path mount;
    private static AgentProcess agent;

    @BeforeAll
    static void start() throws IOException {
        workspace = new Workspace();
        server = new StubApiServer(20);
        mount = Files.createDirectory(workspace.path("mount"));
        swap("one", "holdfast.kube.qps=70\n");
        Path shared = Files.createSymbolicLink(mount.resolve("kube.properties"), Path.of("..data/kube.properties"));
        agent = AgentProcess.start(
                workspace,
                Map.of(
                        "HOLDFAST_KUBE_KUBECONFIG",
                        server.kubeconfig(Files.createDirectory(workspace.path("cluster")))
                                .toString(),
                        "HOLDFAST_KUBE_FILE",
                        shared.toString(),
                        "HOLDFAST_KUBE_BURST",
                        "80"));
        agent.awaitDiscovery();
    }

    @AfterAll
    static void end() throws IOException {
        workspace.close();
        server.close();
    }

    private static Ran holdfast(String... arguments) throws Exception {
        return Ran.holdfast(workspace, agent, arguments);
    }

    @Test
    void the_cluster_is_discovered_by_two_requests_and_kept_for_the_next_start() {
        assertThat(agent.kube().path("discovery").path("groupVersions").asInt()).isEqualTo(26);
        assertThat(server.discoveryRequests()).isEqualTo(2);
        assertThat(server.seen().getFirst().agent()).matches("holdfast/\\S+ \\(agent\\)");
        Waiting.until(
                "the file",
                Duration.ofSeconds(10),
                () -> Files.exists(workspace.path("state").resolve("discovery.cache")));
        given().get(agent.management("/q/health/ready"))
                .then()
                .body("checks.find { it.name == 'recovered' }.data.cluster", equalTo(true))
                .body("checks.find { it.name == 'recovered' }.data.requestBudgetFrom", equalTo("environment"));
        assertThat(metrics()).contains("holdfast_kube_requests_total{child=\"agent\",code=\"200\",verb=\"get\"");
    }

    @Test
    void the_budget_is_shown_changed_and_advised_by_the_command_line() throws Exception {
        Ran before = holdfast("kube", "settings");
        assertThat(before.exit()).as(before.err()).isZero();
        assertThat(before.out()).contains("qps from shared file, burst from environment");
        assertThat(holdfast("kube", "set", "--qps=33", "--burst=44").out()).contains("33/44 from live");
        Ran wrong = holdfast("kube", "set", "--qps=0");
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.err()).contains("qps is 0").doesNotContain("\tat ");
        assertThat(holdfast("kube", "set", "--reset").out()).contains("70/80 from environment");
        assertThat(holdfast("kube", "advise").out()).contains("too few to judge");
    }

    @Test
    void what_is_in_force_and_who_says_so_is_seen_everywhere() throws Exception {
        swap("two", "holdfast.kube.qps=90\n");
        awaitBudget("90/80");
        seenEverywhere("90/80", "environment"); // The higher of the two sources.
        assertThat(agent.kube().path("budget").path("qpsFrom").asText()).isEqualTo("shared file");

        assertThat(budget().body(Map.of("qps", 35))
                        .put(agent.address("/api/v1/kube/budget"))
                        .statusCode())
                .isEqualTo(200);
        seenEverywhere("35/80", "live");
        swap("three", "holdfast.kube.qps=nonsense\n");
        Waiting.until(
                "the refusal",
                Duration.ofSeconds(10),
                () -> agent.kube().path("budget").path("refused").asText().startsWith("shared file: "));
        seenEverywhere("35/80", "live");
        assertThat(agent.page()).contains("Refused: shared file: ");

        swap("four", "holdfast.kube.qps=70\n");
        Waiting.until(
                "no refusal",
                Duration.ofSeconds(10),
                () -> agent.kube().path("budget").path("refused").asText().isEmpty());
        assertThat(budget().delete(agent.address("/api/v1/kube/budget")).statusCode())
                .isEqualTo(200);
        seenEverywhere("70/80", "environment");
    }

    /** As a ConfigMap mount does it: the files are in a folder that a link leads to, and the link is replaced. */
    private static void swap(String folder, String content) throws IOException {
        Files.writeString(Files.createDirectory(mount.resolve(".." + folder)).resolve("kube.properties"), content);
        Path link = Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of(".." + folder));
        Files.move(link, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static RequestSpecification budget() {
        return given().header("Authorization", "Bearer " + agent.token()).contentType(ContentType.JSON);
    }

    private static void awaitBudget(String text) {
        Waiting.until(
                "budget " + text,
                Duration.ofSeconds(2),
                () -> agent.kube().path("budget").path("text").asText().equals(text));
    }

    private static void seenEverywhere(String budget, String source) {
        assertThat(agent.kube().path("budget").path("text").asText()).isEqualTo(budget);
        assertThat(agent.kube().path("budget").path("source").asText()).isEqualTo(source);
        given().get(agent.management("/q/health/ready"))
                .then()
                .body("checks.find { it.name == 'recovered' }.data.requestBudget", equalTo(budget))
                .body("checks.find { it.name == 'recovered' }.data.requestBudgetFrom", equalTo(source));
        assertThat(metrics())
                .contains("holdfast_kube_qps " + budget.replaceFirst("/.*", ".0"))
                .contains("holdfast_kube_budget_source{source=\"" + source + "\",} 1.0");
        assertThat(agent.page()).contains("Request budget <b>" + budget + "</b> from " + source);
        assertThat(agent.log()).contains("qps/burst=" + budget + " from=" + source);
    }

    private static String metrics() {
        return given().accept("text/plain").get(agent.management("/q/metrics")).asString();
    }

    @Test
    void a_large_cluster_is_discovered_in_milliseconds() throws Exception {
        long[] millis = new long[STARTS];
        try (StubApiServer far = new StubApiServer(100, Duration.ofMillis(5))) {
            for (int i = 0; i < STARTS; i++) {
                try (Workspace own = new Workspace()) {
                    Path kubeconfig = far.kubeconfig(Files.createDirectory(own.path("cluster")));
                    AgentProcess fresh =
                            AgentProcess.start(own, Map.of("HOLDFAST_KUBE_KUBECONFIG", kubeconfig.toString()));
                    millis[i] = Waiting.forThe("discovery", Duration.ofSeconds(20), () -> discoveryMillis(fresh));
                }
            }
            assertThat(far.discoveryRequests()).isEqualTo(2L * STARTS);
        }
        Figures.say("discovery cold, 100 groups, 5 ms away: " + Figures.millis(LongStream.of(millis)));
    }

    /** How long the first one took; null before its end. */
    private static @Nullable Long discoveryMillis(AgentProcess agent) {
        return given().accept("text/plain")
                .get(agent.management("/q/metrics"))
                .asString()
                .lines()
                .filter(line -> line.startsWith("holdfast_kube_discovery_seconds_sum{outcome=\"changed\""))
                .map(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .filter(seconds -> seconds > 0)
                .findFirst()
                .map(seconds -> Math.round(seconds * 1000))
                .orElse(null);
    }

    @Test
    void what_cannot_be_meant_ends_the_start_with_a_reason() throws Exception {
        refused(Map.of("HOLDFAST_KUBE_QPS", "0"), List.of(), "holdfast.kube.qps is 0");
        refused(Map.of(), List.of("-Dholdfast.kube.burst=0"), "holdfast.kube.burst is 0");
        refused(
                Map.of("QUARKUS_HTTP_PORT", "9000", "QUARKUS_MANAGEMENT_PORT", "9000"),
                List.of(),
                "quarkus.http.port and quarkus.management.port are both 9000");
        refused(Map.of("HOLDFAST_KUBE_KUBECONFIG", "/nowhere/config"), List.of(), "read kubeconfig /nowhere/config");
    }

    private static void refused(Map<String, String> environment, List<String> arguments, String why) throws Exception {
        try (Workspace own = new Workspace()) {
            List<String> command = Packaged.command("agent");
            command.addAll(arguments);
            Map<String, String> all = new java.util.HashMap<>();
            all.put("HOLDFAST_STATE_DIR", own.path("state").toString());
            all.put("HOLDFAST_RUN_DIR", own.path("run").toString());
            List<Integer> ports = FreePorts.find(2);
            all.put("QUARKUS_HTTP_PORT", ports.get(0).toString());
            all.put("QUARKUS_MANAGEMENT_PORT", ports.get(1).toString());
            all.putAll(environment);
            Ran ran = Ran.command(own, all, command);
            String said = ran.out() + ran.err();
            assertThat(said).contains(why).doesNotContain("\tat ");
            assertThat(ran.exit()).as(said).isEqualTo(2);
        }
    }
}
