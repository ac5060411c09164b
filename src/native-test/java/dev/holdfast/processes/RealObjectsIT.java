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
import dev.holdfast.plugin.RealVelero;
import dev.holdfast.testing.Needs;
import io.restassured.http.ContentType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Backups of a real API server's objects by one packaged agent; requests counted in the server's audit log. */
@Timeout(600)
@Needs(KubeExecutables.class)
class RealObjectsIT {
    private static final int REQUESTS_MAX = 170;
    /** Of the test with Velero's plugins, qps and burst: low enough that all have to wait for it. */
    private static final int LOW_BUDGET = 50;

    private static @Nullable Workspace started;
    private static @Nullable RealCluster startedCluster;
    private static @Nullable AgentProcess startedAgent;

    private Workspace workspace;
    private RealCluster cluster;
    private AgentProcess agent;

    /** Not before all: tests that are skipped need none. */
    @BeforeEach
    void open() throws Exception {
        if (started == null) {
            start();
        }
        workspace = Objects.requireNonNull(started);
        cluster = Objects.requireNonNull(startedCluster);
        agent = Objects.requireNonNull(startedAgent);
    }

    private static void start() throws Exception {
        Workspace own = new Workspace();
        started = own;
        RealCluster server = RealCluster.start();
        startedCluster = server;
        try (KubeRig unlimited = new KubeRig(
                Files.createTempDirectory("hk"), KubeRig.Config.of(-1, 100, server.kubeconfig()), KubeObserver.NONE)) {
            Shop.open(unlimited);
        }
        AgentProcess fresh = AgentProcess.start(
                own,
                Map.of(
                        "HOLDFAST_KUBE_KUBECONFIG",
                        server.kubeconfig().toString(),
                        "HOLDFAST_PLUGIN_DIRECTORY",
                        Files.createDirectory(own.path("plugins")).toString()));
        startedAgent = fresh;
        Waiting.until(
                "what the agent asks by itself at its start",
                Duration.ofMinutes(1),
                () -> given().get(fresh.address("/api/v1/kube"))
                                .as(JsonNode.class)
                                .path("discovery")
                                .path("resources")
                                .asInt()
                        > 0);
    }

    @AfterAll
    static void stop() throws IOException {
        if (started != null) {
            started.close();
        }
        if (startedCluster != null) {
            startedCluster.close();
        }
    }

    @Test
    void cluster_with_pods_and_claims_is_asked_for_each_list_once() throws Exception {
        say("built-in plugins", whole(REQUESTS_MAX));
        if (Packaged.isNative()) { // Where the second is measurably faster than the first.
            say("the same again", whole(REQUESTS_MAX));
        }
    }

    @Test
    @Needs(RealVelero.class)
    void plugins_of_velero_share_the_budget_and_discover_nothing_at_the_server() throws Exception {
        Path script = RealVelero.into(workspace.path("plugins"));
        given().header("Authorization", "Bearer " + agent.token())
                .contentType(ContentType.JSON)
                .body(Map.of("qps", LOW_BUDGET, "burst", LOW_BUDGET))
                .put(agent.address("/api/v1/kube/budget"))
                .then()
                .statusCode(200);
        Instant from = Instant.now();
        try {
            Seen seen = whole(2 * REQUESTS_MAX); // They have requests of their own.
            say("with Velero's plugins, budget " + LOW_BUDGET + "/" + LOW_BUDGET, seen);
            assertThat(seen.of("velero")).isPositive();
            assertThat(seen.asked()).hasSizeGreaterThan(2 * LOW_BUDGET);
            List<Double> seconds = seen.asked().stream()
                    .map(event ->
                            Duration.between(from, RealCluster.arrival(event)).toNanos() / 1e9)
                    .toList();
            for (int i = 0; i < seconds.size(); i++) {
                assertThat(i + 1.0)
                        .as("requests in the first %s s", seconds.get(i))
                        .isLessThanOrEqualTo(LOW_BUDGET + LOW_BUDGET * seconds.get(i));
            }
        } finally {
            Files.delete(script);
            given().header("Authorization", "Bearer " + agent.token()).delete(agent.address("/api/v1/kube/budget"));
        }
    }

    /** One backup of the shop, and what it asked the server for. */
    private record Seen(JsonNode report, List<JsonNode> asked, long millis) {
        long of(String agent) {
            return asked.stream()
                    .filter(event -> event.path("userAgent").asText().startsWith(agent))
                    .count();
        }
    }

    private Seen whole(int requestsMax) throws Exception {
        Instant from = Instant.now();
        long begun = System.nanoTime();
        JsonNode backup = Ran.backup(
                workspace,
                agent,
                "--namespace=shop",
                "--exclude-resource=events",
                "--to",
                workspace.path("shop.tar.gz").toString());
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        List<JsonNode> asked = cluster.arrived("", from);
        JsonNode report = backup.path("report");
        assertThat(report.path("objects").asInt()).isGreaterThan(2_000);
        assertThat(VeleroLayout.read(workspace.path("shop.tar.gz")))
                .containsKey("resources/clusterroles.rbac.authorization.k8s.io/cluster/reader.json")
                .containsKey("resources/persistentvolumes/cluster/pv-7.json");
        assertThat(asked.size()).as("requests").isLessThanOrEqualTo(requestsMax);
        assertThat(asked).noneMatch(RealCluster::discovery);
        return new Seen(report, asked, millis);
    }

    private static void say(String what, Seen seen) {
        Figures.say("objects, " + what + ": " + seen.report().path("objects") + " objects, "
                + seen.asked().size() + " requests, " + seen.of("velero") + " of them of Velero's client, none for"
                + " discovery, " + seen.report().path("millis") + " ms, with the command " + seen.millis() + " ms");
    }
}
