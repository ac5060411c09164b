package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.testing.Needs;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The same promises at a real API server, counted in its audit log. */
@Needs(KubeExecutables.class)
class RealClusterTest {
    /** Whether all figures are measured as long as they are promised for. */
    private static final boolean SOAK = Boolean.getBoolean("holdfast.soak");

    private static final String AGENT = "holdfast/";
    private static @Nullable RealCluster started;

    private RealCluster cluster;

    /** Not before all: tests that are skipped need none. */
    @BeforeEach
    void start() throws Exception {
        if (started == null) {
            started = RealCluster.start();
        }
        cluster = started;
    }

    @AfterAll
    static void stop() {
        if (started != null) {
            started.close();
        }
    }

    private KubeRig rig() throws IOException, KubeException {
        return new KubeRig(
                Files.createTempDirectory("hk"), KubeRig.Config.of(200, 200, cluster.kubeconfig()), KubeObserver.NONE);
    }

    private static CustomResourceDefinition definition(String plural) {
        return new CustomResourceDefinitionBuilder()
                .withNewMetadata()
                .withName(plural + ".holdfast.test")
                .endMetadata()
                .withNewSpec()
                .withGroup("holdfast.test")
                .withScope("Namespaced")
                .withNewNames()
                .withPlural(plural)
                .withSingular(plural + "one")
                .withKind("K" + plural)
                .endNames()
                .addNewVersion()
                .withName("v1")
                .withServed(true)
                .withStorage(true)
                .withNewSchema()
                .withNewOpenAPIV3Schema()
                .withType("object")
                .withXKubernetesPreserveUnknownFields(true)
                .endOpenAPIV3Schema()
                .endSchema()
                .endVersion()
                .endSpec()
                .build();
    }

    @Test
    void discovery_costs_two_requests_and_its_renewal_no_body() throws Exception {
        try (KubeRig rig = rig()) {
            rig.kube.discovery().snapshot();
            long before = cluster.audited(AGENT).stream()
                    .filter(RealCluster::discovery)
                    .count();
            DiscoverySnapshot snapshot = rig.kube.discovery().refresh().get().snapshot();
            List<JsonNode> asked = cluster.audited(AGENT).stream()
                    .filter(RealCluster::discovery)
                    .skip(before)
                    .toList();

            Measured.say(
                    "real server: renewal %d requests with %s; %d resources in %d group versions",
                    asked.size(),
                    asked.stream()
                            .map(it -> it.path("responseStatus").path("code").asInt())
                            .distinct()
                            .toList(),
                    snapshot.resources().size(),
                    snapshot.groupVersions().size());
            assertThat(asked).hasSize(2).allSatisfy(it -> assertThat(
                            it.path("responseStatus").path("code").asInt())
                    .isEqualTo(304));
            assertThat(snapshot.find("", "po").orElseThrow().kind()).isEqualTo("Pod");
            assertThat(snapshot.find("apps", "Deployment").orElseThrow().path("x"))
                    .isEqualTo("/apis/apps/v1/namespaces/x/deployments");
            assertThat(snapshot.find("", "crd").orElseThrow().namespaced()).isFalse();
        }
    }

    @Test
    void a_new_definition_is_known_within_two_seconds() throws Exception {
        try (KubeRig rig = rig()) {
            rig.kube.discovery().snapshot();
            KubernetesClient client = rig.kube.client(Lane.INTERACTIVE);
            KubeRig.await("the watch", Duration.ofSeconds(20), () -> watched());
            client.resource(definition("widgets")).create();
            long from = System.nanoTime();
            KubeRig.await("the new kind", Duration.ofSeconds(10), () -> known(rig, "widgets"));
            long took = Duration.ofNanos(System.nanoTime() - from).toMillis();

            Measured.say("real server: a new definition is known after %d ms", took);
            assertThat(rig.kube.definition("widgets.holdfast.test")).isPresent();
        }
    }

    private boolean watched() {
        try {
            return cluster.audited(AGENT).stream()
                    .anyMatch(it -> it.path("requestURI").asText().startsWith(Definitions.PATH + "?watch"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean known(KubeRig rig, String name) {
        try {
            return rig.kube.discovery().snapshot().find("holdfast.test", name).isPresent();
        } catch (KubeException e) {
            throw new AssertionError(e);
        }
    }

    /** Where the watch tells nothing, a miss does: by an agent that may not watch. */
    @Test
    void a_new_definition_is_found_without_the_watch_by_who_looks_for_it() throws Exception {
        try (KubeRig admin = rig();
                KubeRig rig = new KubeRig(
                        Files.createTempDirectory("hk"),
                        KubeRig.Config.of(200, 200, cluster.kubeconfigForObjects()),
                        KubeObserver.NONE)) {
            rig.kube.discovery().snapshot();
            if (SOAK) {
                rig.kube.discovery().refreshed(); // Looked for a moment ago, so it is not looked for again at once.
            }
            Instant from = Instant.now();
            admin.kube.client(Lane.INTERACTIVE).resource(definition("gadgets")).create();
            KubeRig.await("the watch of another", Duration.ofSeconds(10), () -> known(admin, "gadgets"));
            boolean before = known(rig, "gadgets");
            KubeRig.await("the new kind", Duration.ofSeconds(12), () -> found(rig, "gadgets"));
            long took = Duration.between(from, Instant.now()).toMillis();
            List<JsonNode> asked = cluster.arrived(AGENT, from).stream()
                    .filter(RealCluster::discovery)
                    .filter(it -> it.path("user").path("username").asText().endsWith("objects"))
                    .toList();

            Measured.say(
                    "real server: without the watch a new definition is found after %d ms, with %d requests",
                    took, asked.size());
            assertThat(before).isFalse();
            assertThat(asked).hasSize(2);
            assertThat(took).isLessThan(11_000);
        }
    }

    private static boolean found(KubeRig rig, String name) {
        try {
            return rig.kube.discovery().refreshed().find("holdfast.test", name).isPresent();
        } catch (KubeException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_hundred_lookups_of_an_unknown_kind_are_one_renewal() throws Exception {
        try (KubeRig rig = rig();
                KubeChild child = KubeChild.connect(rig.kube.childEnvironment("a"), "a")) {
            rig.kube.discovery().snapshot();
            Instant from = Instant.now();
            for (int i = 0; i < 50; i++) {
                assertThat(rig.kube.discovery().refreshed().find("holdfast.test", "nothings"))
                        .isEmpty();
                assertThat(child.refreshed().find("holdfast.test", "nothings")).isEmpty();
            }
            Duration took = Duration.between(from, Instant.now());
            long asked = cluster.arrived(AGENT, from).stream()
                    .filter(RealCluster::discovery)
                    .count();

            Measured.say(
                    "real server: 100 lookups of an unknown kind, agent and child, in %d ms: %d requests of discovery",
                    took.toMillis(), asked);
            assertThat(asked).isEqualTo(2 * (1 + took.toSeconds() / 10));
        }
    }

    @Test
    void lists_pages_and_writes_pass_the_gate() throws Exception {
        try (KubeRig rig = rig()) {
            KubernetesClient client = rig.kube.client(Lane.BACKUP);
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName("gate")
                            .endMetadata()
                            .build())
                    .create();
            for (int i = 0; i < 20; i++) {
                client.resource(new ConfigMapBuilder()
                                .withNewMetadata()
                                .withName("m" + i)
                                .withNamespace("gate")
                                .endMetadata()
                                .build())
                        .serverSideApply();
            }
            String page = new String(
                    rig.kube
                            .get(Lane.BACKUP, "/api/v1/namespaces/gate/configmaps?limit=7", Cluster.JSON)
                            .body(),
                    StandardCharsets.UTF_8);

            assertThat(page).contains("\"continue\":\"");
            assertThat(client.configMaps().inNamespace("gate").list().getItems())
                    .hasSize(20);
        }
    }

    @Test
    void a_client_that_is_not_ours_works_through_the_local_gate() throws Exception {
        assumeTrue(found("kubectl"), "no kubectl on the PATH");
        try (KubeRig rig = rig();
                Door door = rig.kube.openDoor("kubectl")) {
            rig.kube.discovery().snapshot();
            int before = cluster.audited("kubectl").size();

            assertThat(kubectl(door, "api-resources")).contains("deployments").contains("customresourcedefinitions");
            assertThat(kubectl(door, "version", "-o", "json")).contains("serverVersion");
            List<JsonNode> arrived = cluster.audited("kubectl")
                    .subList(before, cluster.audited("kubectl").size());
            assertThat(arrived).isEmpty();

            assertThat(kubectl(door, "create", "configmap", "c", "--from-literal=a=b"))
                    .contains("created");
            assertThat(kubectl(door, "get", "configmap", "c", "-o", "yaml")).contains("a: b");
            assertThat(kubectl(door, "explain", "pod.spec.volumes")).contains("List of volumes");
            arrived = cluster.audited("kubectl")
                    .subList(before, cluster.audited("kubectl").size());
            Measured.say(
                    "real server, kubectl through the local gate: %d requests arrived, of discovery %d",
                    arrived.size(),
                    arrived.stream().filter(RealCluster::discovery).count());
            assertThat(arrived.stream().filter(RealCluster::discovery)).isEmpty();
        }
    }

    private static boolean found(String program) {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(it -> Files.isExecutable(Path.of(it, program)));
    }

    private static String kubectl(Door door, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kubectl", "--kubeconfig", door.kubeconfig() + ""));
        command.addAll(List.of(arguments));
        Path cache = Files.createTempDirectory("hkctl");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KUBECACHEDIR", cache.toString());
        builder.environment().remove("KUBECONFIG");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said;
    }
}
