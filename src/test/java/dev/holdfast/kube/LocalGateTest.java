package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a child that is not ours sees, and what of it arrives at the server. */
class LocalGateTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static HttpRequest.Builder to(Door door, String path) {
        return HttpRequest.newBuilder(URI.create(door.server() + path));
    }

    private HttpResponse<String> get(Door door, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = to(door, path).timeout(Duration.ofSeconds(30));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void way_that_a_killed_agent_has_left_is_removed_by_the_next() throws Exception {
        Path left = Files.createDirectories(directory.resolve("run/kube")).resolve("velero-0123.kubeconfig");
        Files.writeString(left, "secret");
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = new KubeRig(
                        directory, KubeRig.Config.of(100, 100, server.kubeconfig(directory)), KubeObserver.NONE);
                Door door = rig.kube.openDoor("velero")) {
            assertThat(left).doesNotExist();
            assertThat(door.kubeconfig()).hasParent(left.getParent());
        }
    }

    @Test
    void discovery_of_a_child_costs_the_server_nothing() throws Exception {
        try (StubApiServer server = new StubApiServer(100);
                KubeRig rig = KubeRig.at(server, 100, 100);
                Door door = rig.kube.openDoor("velero")) {
            rig.kube.discovery().snapshot();
            server.forget();
            HttpResponse<String> core = get(door, "/api", "Accept", DiscoveryDocuments.ACCEPT);
            HttpResponse<String> groups = get(door, "/apis", "Accept", DiscoveryDocuments.ACCEPT);
            String etag = groups.headers().firstValue("ETag").orElseThrow();

            assertThat(core.headers().firstValue("Content-Type").orElseThrow()).contains("g=apidiscovery.k8s.io");
            assertThat(JSON.readTree(groups.body()).path("items")).hasSize(100);
            assertThat(get(door, "/apis", "Accept", DiscoveryDocuments.ACCEPT, "If-None-Match", etag)
                            .statusCode())
                    .isEqualTo(304);
            // The way of old clients:
            assertThat(JSON.readTree(get(door, "/api").body())
                            .path("versions")
                            .get(0)
                            .asText())
                    .isEqualTo("v1");
            JsonNode list = JSON.readTree(
                    get(door, "/apis", "Accept", "application/json").body());
            assertThat(list.path("groups")).hasSize(100);
            JsonNode resources =
                    JSON.readTree(get(door, "/apis/g4.example.com/v1beta1").body());
            assertThat(resources.path("resources")).hasSize(8);
            assertThat(get(door, "/apis/g4.example.com").body()).contains("preferredVersion");
            assertThat(get(door, "/apis/nonsense.example.com/v1").statusCode()).isEqualTo(404);
            assertThat(server.discoveryRequests()).isLessThanOrEqualTo(2); // The one that the nonsense forces.
        }
    }

    /** The stub lets nobody watch. */
    @Test
    void a_child_learns_of_a_new_group_within_ten_seconds_where_nothing_can_be_watched() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100);
                Door door = rig.kube.openDoor("plugin:velero")) {
            rig.kube.discovery().snapshot();
            server.groups = 2;
            long from = System.nanoTime();
            KubeRig.await("the new group", Duration.ofSeconds(30), () -> groupsSeenBy(door) == 2);
            Duration took = Duration.ofNanos(System.nanoTime() - from);

            Measured.say("without a watch a child's discovery has a new group after %d ms", took.toMillis());
            assertThat(took).isLessThan(Duration.ofSeconds(12));
        }
    }

    private int groupsSeenBy(Door door) {
        try {
            return JSON.readTree(get(door, "/apis", "Accept", DiscoveryDocuments.ACCEPT)
                            .body())
                    .path("items")
                    .size();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everything_else_arrives_as_it_was_with_the_agents_credentials() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>("");
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100);
                Door door = rig.kube.openDoor("velero")) {
            server.script = exchange -> {
                if (!exchange.getRequestURI().getPath().startsWith("/api/v1/namespaces/x")) {
                    return false;
                }
                seen.set(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                        + exchange.getRequestHeaders().getFirst("Authorization") + " "
                        + exchange.getRequestHeaders().getFirst("User-Agent") + " "
                        + exchange.getRequestHeaders().getFirst("X-Own"));
                server.send(exchange, 201, "application/json", "{\"made\":true}");
                return true;
            };
            HttpResponse<String> made = http.send(
                    to(door, "/api/v1/namespaces/x/pods?dryRun=All&fieldManager=a%20b")
                            .header("Authorization", "Bearer mine")
                            .header("User-Agent", "velero/v1.18")
                            .header("X-Own", "kept")
                            .POST(HttpRequest.BodyPublishers.ofString("{}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(made.statusCode()).isEqualTo(201);
            assertThat(made.body()).isEqualTo("{\"made\":true}");
            assertThat(seen.get())
                    .isEqualTo("POST /api/v1/namespaces/x/pods?dryRun=All&fieldManager=a%20b"
                            + " Bearer secret-of-the-agent velero/v1.18 kept");
        }
    }

    @Test
    void a_way_is_one_childs_and_ends_with_it() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100)) {
            Door door = rig.kube.openDoor("velero.io/pod");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(door.kubeconfig())))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(door.kubeconfig()))
                    .contains(door.server().toString());
            assertThat(get(door, "/api/v1/pods").statusCode()).isEqualTo(200);
            door.close();

            assertThat(get(door, "/api/v1/pods").statusCode()).isEqualTo(403);
            assertThat(door.kubeconfig()).doesNotExist();
            URI guess = URI.create("http://127.0.0.1:" + door.server().getPort() + "/" + "0".repeat(32) + "/api");
            assertThat(http.send(HttpRequest.newBuilder(guess).build(), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void requests_of_a_child_stay_in_the_budget_and_in_its_share() throws Exception {
        try (StubApiServer server = new StubApiServer(1)) {
            Path own = Files.createDirectory(directory.resolve("own"));
            try (KubeRig rig = new KubeRig(
                            own,
                            KubeRig.Config.of(40, 40, server.kubeconfig(own)).withShares("velero=50"),
                            KubeObserver.NONE);
                    Door door = rig.kube.openDoor("plugin:velero")) {
                rig.kube.discovery().snapshot();
                server.forget();
                long from = System.nanoTime();
                List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
                for (int i = 0; i < 80; i++) {
                    answers.add(http.sendAsync(
                            to(door, "/api/v1/namespaces/x/pods").build(), HttpResponse.BodyHandlers.ofString()));
                }
                for (CompletableFuture<HttpResponse<String>> answer : answers) {
                    assertThat(answer.get().statusCode()).isEqualTo(200);
                }
                Duration took = Duration.ofNanos(System.nanoTime() - from);

                // 20 at once, then 20 a second.
                Measured.say("local gate, share 50 %% of 40/40: 80 requests took %d ms", took.toMillis());
                assertThat(took).isBetween(Duration.ofMillis(2800), Duration.ofMillis(6000));
            }
        }
    }

    @Test
    void definitions_are_listed_once_for_all_who_ask() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100);
                Door door = rig.kube.openDoor("velero")) {
            server.script = exchange -> {
                if (!exchange.getRequestURI().getPath().equals(Definitions.PATH)
                        || String.valueOf(exchange.getRequestURI().getQuery()).contains("watch")) {
                    return false;
                }
                server.send(exchange, 200, "application/json", """
                        {"kind":"CustomResourceDefinitionList","metadata":{"resourceVersion":"1"},"items":[
                        {"metadata":{"name":"a.example.com"},"spec":{"group":"example.com"}},
                        {"metadata":{"name":"b.example.com"},"spec":{"group":"example.com"}}]}""");
                return true;
            };
            KubeRig.await("the watch's own list", Duration.ofSeconds(10), () -> !server.seen(Definitions.PATH)
                    .isEmpty());
            rig.kube.discovery().snapshot();
            server.forget();
            JsonNode first =
                    JSON.readTree(get(door, Definitions.PATH + "/a.example.com").body());
            for (int i = 0; i < 20; i++) {
                get(door, Definitions.PATH + "/b.example.com");
            }

            assertThat(first.path("kind").asText()).isEqualTo("CustomResourceDefinition");
            assertThat(first.path("spec").path("group").asText()).isEqualTo("example.com");
            assertThat(get(door, Definitions.PATH + "/c.example.com").statusCode())
                    .isEqualTo(404);
            assertThat(rig.kube.definition("b.example.com")).isPresent();
            assertThat(server.seen(Definitions.PATH)).hasSizeLessThanOrEqualTo(2);
        }
    }
}
