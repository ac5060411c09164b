package dev.holdfast.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.kube.KubeException;
import dev.holdfast.kube.KubeExecutables;
import dev.holdfast.kube.KubeObserver;
import dev.holdfast.kube.KubeRig;
import dev.holdfast.kube.Lane;
import dev.holdfast.kube.Measured;
import dev.holdfast.kube.RealCluster;
import dev.holdfast.plugin.PluginLimits;
import dev.holdfast.plugin.RealVelero;
import dev.holdfast.testing.Needs;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A backup of a real API server's objects with the built-in plugins and Velero's, within the budget that is built in;
 * requests counted in the server's audit log.
 */
@Timeout(600)
@Needs(KubeExecutables.class)
class RealObjectBackupTest {
    /** Nobody serves it. */
    private static final String DEAD_API = """
            apiVersion: apiregistration.k8s.io/v1
            kind: APIService
            metadata: {name: v1.dead.example.com}
            spec:
              group: dead.example.com
              version: v1
              groupPriorityMinimum: 100
              versionPriority: 100
              insecureSkipTLSVerify: true
              service: {namespace: default, name: nobody}
            """;

    private static final long OBJECTS = 2118;

    private static @Nullable RealCluster started;

    private RealCluster cluster;
    private KubeRig rig;

    @TempDir
    private Path folder;

    /** Not before all: tests that are skipped need none. */
    @BeforeEach
    void open() throws Exception {
        if (started == null) {
            started = RealCluster.start();
            try (KubeRig unlimited = rig(started, -1)) {
                Shop.open(unlimited);
            }
        }
        cluster = started;
        rig = rig(started, 100);
        rig.kube.discovery().snapshot();
    }

    @AfterAll
    static void stop() {
        if (started != null) {
            started.close();
        }
    }

    @AfterEach
    void close() throws IOException {
        if (rig != null) {
            rig.close();
        }
    }

    @Test
    void archive_holds_what_the_pods_and_the_accounts_need_and_each_list_is_asked_for_once() throws Exception {
        Instant from = Instant.now();
        BackupReport report = backup(Optional.empty());
        List<JsonNode> asked = cluster.arrived("", from);
        Map<String, JsonNode> archive = VeleroLayout.read(folder.resolve("a.tar.gz"));
        Measured.say(
                "object backup, real server, %d kinds of custom resources: %d objects (%d without definitions),"
                        + " %d requests at the server, of them lists %d, gets %d, discovery %d; %d ms",
                Shop.KINDS,
                report.objects(),
                report.objects() - report.taken().getOrDefault("customresourcedefinitions.apiextensions.k8s.io", 0L),
                asked.size(),
                count(asked, "list", ""),
                count(asked, "get", ""),
                discovery(asked).size(),
                report.took().toMillis());
        assertThat(report.failed()).isEmpty();
        assertThat(archive.keySet())
                .contains(
                        "resources/pods/namespaces/shop/web-7.json",
                        "resources/persistentvolumeclaims/namespaces/shop/data-7.json",
                        "resources/persistentvolumes/cluster/pv-7.json",
                        "resources/namespaces/cluster/shop.json",
                        "resources/clusterroles.rbac.authorization.k8s.io/cluster/reader.json",
                        "resources/clusterrolebindings.rbac.authorization.k8s.io/cluster/read.json",
                        "resources/widgets.g0.example.com/namespaces/shop/w-9.json",
                        "resources/customresourcedefinitions.apiextensions.k8s.io/cluster/widgets.g99.example.com.json")
                .noneMatch(path -> path.contains("kube-system"));
        assertThat(report.taken())
                .containsEntry("pods", 100L)
                .containsEntry("persistentvolumes", 100L)
                .containsEntry("customresourcedefinitions.apiextensions.k8s.io", 100L);
        assertThat(count(asked, "get", "customresourcedefinitions")).isZero();
        assertThat(count(asked, "list", "customresourcedefinitions")).isLessThanOrEqualTo(1);
        assertThat(count(asked, "list", "pods")).isEqualTo(1);
        assertThat(discovery(asked)).isEmpty();
        assertThat(asked).hasSizeLessThanOrEqualTo(170);
    }

    @Test
    @Needs(RealVelero.class)
    void plugins_of_velero_pass_the_gate_and_discover_nothing_at_the_server() throws Exception {
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        RealVelero.into(plugins);
        Instant from = Instant.now();
        BackupReport report = backup(Optional.of(plugins));
        List<JsonNode> asked = cluster.arrived("", from);
        Measured.say(
                "object backup with Velero's plugins: %d requests at the server, %d of them of the plugins' client,"
                        + " discovery %d; %d ms",
                asked.size(),
                asked.stream().filter(RealObjectBackupTest::ofVelero).count(),
                discovery(asked).size(),
                report.took().toMillis());
        assertThat(report.failed()).isEmpty();
        assertThat(report.notes()).anyMatch(line -> line.startsWith("plugin velero: "));
        assertThat(VeleroLayout.read(folder.resolve("a.tar.gz")))
                .containsKey("resources/clusterroles.rbac.authorization.k8s.io/cluster/reader.json");
        assertThat(asked.stream().filter(RealObjectBackupTest::ofVelero)).isNotEmpty();
        assertThat(discovery(asked)).isEmpty();
    }

    @Test
    void dead_aggregated_api_is_named_and_the_rest_is_taken() throws Exception {
        int rounds = Boolean.getBoolean("holdfast.soak") ? 5 : 1;
        List<Long> without = millis(rounds);
        var dead = rig.kube.client(Lane.INTERACTIVE).resource(DEAD_API);
        dead.create();
        try {
            KubeRig.await("the dead API", Duration.ofMinutes(1), () -> knownDead(true));
            BackupReport report = backup(Optional.empty());
            assertThat(report.failed()).singleElement().asString().startsWith("API dead.example.com/v1: ");
            assertThat(report.objects()).isEqualTo(OBJECTS);
            Measured.say(
                    "object backup, real server: %s ms, with a dead aggregated API %s ms", without, millis(rounds));
        } finally {
            dead.delete();
            KubeRig.await("the API gone", Duration.ofMinutes(1), () -> knownDead(false));
        }
    }

    private List<Long> millis(int rounds) throws Exception {
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            millis.add(backup(Optional.empty()).took().toMillis());
        }
        return millis;
    }

    @Test
    void role_of_the_manifests_is_enough() throws Exception {
        KubernetesClient admin = rig.kube.client(Lane.INTERACTIVE);
        admin.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("holdfast")
                        .endMetadata()
                        .build())
                .create();
        try (InputStream role = Files.newInputStream(Path.of("kubernetes/components/objects/role.yaml"))) {
            admin.load(role).create();
        }
        rig.close();
        rig = new KubeRig(
                Files.createTempDirectory("hk"),
                KubeRig.Config.of(100, 100, cluster.kubeconfigForObjects()),
                KubeObserver.NONE);

        BackupReport report = backup(Optional.empty());

        assertThat(report.failed()).isEmpty();
        assertThat(report.objects()).isEqualTo(OBJECTS);
        assertThat(report.taken()).containsEntry("persistentvolumes", 100L);
    }

    private boolean knownDead(boolean there) {
        try {
            rig.kube.discovery().refreshed();
            return there == rig.kube.discovery().snapshot().staleGroupVersions().contains("dead.example.com/v1");
        } catch (KubeException e) {
            throw new AssertionError(e);
        }
    }

    private BackupReport backup(Optional<Path> plugins) throws Exception {
        ObjectSelection shop =
                new ObjectSelection(List.of("shop"), List.of(), List.of(), List.of("events"), "", ClusterScope.AUTO);
        List<String> program = new ArrayList<>(TestPlugins.java("dev.holdfast.Holdfast"));
        PluginLimits limits = new PluginLimits(Duration.ofMinutes(2), Duration.ofMinutes(1), 3, Duration.ofMinutes(10));
        BackupOrder order = new BackupOrder("t", shop, new BackupTarget.ArchiveFile(folder.resolve("a.tar.gz")));
        return new ObjectBackup(
                        rig.kube,
                        new NodePlugins(rig.kube, program, plugins, limits, folder.resolve("s")),
                        order,
                        "objects-t",
                        _ -> {},
                        new Spool(folder),
                        InstantSource.system().instant())
                .run(folder.resolve("a.tar.gz"), folder.resolve("a.tmp"), true);
    }

    private static KubeRig rig(RealCluster cluster, double qps) throws Exception {
        return new KubeRig(
                Files.createTempDirectory("hk"), KubeRig.Config.of(qps, 100, cluster.kubeconfig()), KubeObserver.NONE);
    }

    private static boolean ofVelero(JsonNode event) {
        return event.path("userAgent").asText().startsWith("velero");
    }

    private static List<JsonNode> discovery(List<JsonNode> events) {
        return events.stream().filter(RealCluster::discovery).toList();
    }

    /** @param resource empty for all */
    private static long count(List<JsonNode> events, String verb, String resource) {
        return events.stream()
                .filter(event -> event.path("verb").asText().equals(verb))
                .filter(event -> resource.isEmpty()
                        || event.path("objectRef").path("resource").asText().equals(resource))
                .count();
    }
}
