package dev.holdfast.backup;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.backup.archive.ArchiveWriter;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.KubeErrors;
import dev.holdfast.kube.KubeException;
import dev.holdfast.plugin.PluginCommand;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a cluster in memory, with plugins in processes of their own. */
@Timeout(600)
class ObjectBackupTest {
    private final FakeCluster cluster = new FakeCluster();
    private final List<PluginCommand> plugins = new ArrayList<>();

    private ApiResource namespaces;
    private ApiResource claims;
    private ApiResource volumes;
    private ApiResource pods;
    private ApiResource secrets;
    private ApiResource widgets;

    @TempDir
    private Path folder;

    private Spool spool;

    @BeforeEach
    void fill() {
        spool = new Spool(folder);
        namespaces = cluster.kind("", "namespaces", "Namespace", false);
        secrets = cluster.kind("", "secrets", "Secret", true);
        volumes = cluster.kind("", "persistentvolumes", "PersistentVolume", false);
        claims = cluster.kind("", "persistentvolumeclaims", "PersistentVolumeClaim", true);
        pods = cluster.kind("", "pods", "Pod", true);
        cluster.kind("apps", "deployments", "Deployment", true);
        widgets = cluster.kind("example.com", "widgets", "Widget", true);
        cluster.kind("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", false);
        cluster.define("widgets.example.com");
        for (String namespace : List.of("a", "b")) {
            cluster.add(namespaces, "", namespace);
            cluster.add(secrets, namespace, "s");
            cluster.add(widgets, namespace, "w");
            ObjectNode pod = cluster.add(pods, namespace, "p");
            pod.putObject("spec")
                    .putArray("volumes")
                    .addObject()
                    .putObject("persistentVolumeClaim")
                    .put("claimName", "c");
            ObjectNode claim = cluster.add(claims, namespace, "c");
            claim.putObject("spec").put("volumeName", "v-" + namespace);
            claim.putObject("status").put("phase", "Bound");
            cluster.add(volumes, "", "v-" + namespace);
        }
    }

    @Test
    void everything_is_taken_in_velero_s_layout() throws Exception {
        BackupReport report = backup(ObjectSelection.EVERYTHING);
        assertThat(report.failed()).isEmpty();
        assertThat(report.taken())
                .containsOnly(
                        Map.entry("namespaces", 2L),
                        Map.entry("secrets", 2L),
                        Map.entry("persistentvolumes", 2L),
                        Map.entry("persistentvolumeclaims", 2L),
                        Map.entry("pods", 2L),
                        Map.entry("widgets.example.com", 2L));
        Map<String, JsonNode> archive = VeleroLayout.read(archive());
        assertThat(archive.keySet())
                .contains(
                        "resources/pods/namespaces/a/p.json",
                        "resources/pods/v1-preferredversion/namespaces/a/p.json",
                        "resources/widgets.example.com/v1-preferredversion/namespaces/b/w.json",
                        "resources/persistentvolumes/cluster/v-a.json",
                        "resources/namespaces/cluster/b.json")
                .hasSize(24);
        JsonNode pod = requireNonNull(archive.get("resources/pods/namespaces/a/p.json"));
        assertThat(pod.path("apiVersion").asText()).isEqualTo("v1");
        assertThat(pod.path("kind").asText()).isEqualTo("Pod");
        assertThat(pod.path("metadata").path("name").asText()).isEqualTo("p");
    }

    @Test
    void lists_come_in_order_and_each_resource_is_asked_for_once() throws Exception {
        backup(ObjectSelection.EVERYTHING);
        assertThat(new HashSet<>(cluster.requests)).hasSameSizeAs(cluster.requests);
        List<String> order =
                ResourceOrder.of(cluster.discovery().snapshot().resources(), ObjectSelection.EVERYTHING).stream()
                        .map(ApiResource::groupResource)
                        .toList();
        assertThat(order.subList(0, 4))
                .containsExactly("pods", "persistentvolumeclaims", "persistentvolumes", "secrets");
    }

    @Test
    void needed_objects_are_taken_though_not_selected_by_themselves() throws Exception {
        plugins.add(TestPlugins.builtIn());
        // Which definition a widget has, a plugin that reaches no agent cannot know.
        BackupReport report = backup(
                new ObjectSelection(List.of("a"), List.of(), List.of(), List.of("widgets"), "", ClusterScope.AUTO));
        assertThat(report.failed()).isEmpty();
        assertThat(VeleroLayout.read(archive()).keySet())
                .contains("resources/namespaces/cluster/a.json", "resources/persistentvolumes/cluster/v-a.json")
                .noneMatch(path -> path.contains("namespaces/b/") || path.contains("v-b"));
    }

    @Test
    void label_of_velero_and_deletion_keep_an_object_out() throws Exception {
        cluster.add(secrets, "a", "no")
                .withObject("metadata")
                .putObject("labels")
                .put("velero.io/exclude-from-backup", "true");
        cluster.add(secrets, "a", "dying").withObject("metadata").put("deletionTimestamp", "2026-01-01T00:00:00Z");
        BackupReport report = backup(ObjectSelection.EVERYTHING);
        assertThat(report.taken()).containsEntry("secrets", 2L);
        assertThat(report.skipped()).hasSize(2).allMatch(line -> line.startsWith("secrets a/"));
        assertThat(report.failedCount()).isZero();
    }

    @Test
    void resource_that_is_forbidden_costs_a_line_and_the_rest_is_taken() throws Exception {
        cluster.failure = path ->
                path.contains("/secrets") ? Optional.of(KubeErrors.of(KubeException.Code.FORBIDDEN)) : Optional.empty();
        BackupReport report = backup(ObjectSelection.EVERYTHING);
        assertThat(report.failed()).singleElement().asString().startsWith("list secrets: ");
        assertThat(report.taken()).containsEntry("pods", 2L).doesNotContainKey("secrets");
    }

    @Test
    void page_that_has_expired_begins_the_list_again_and_nothing_is_taken_twice() throws Exception {
        for (int i = 0; i < 1200; i++) {
            cluster.add(secrets, "a", "many-" + i);
        }
        Set<String> expired = new HashSet<>();
        cluster.failure = path -> path.contains("/secrets") && path.contains("continue=") && expired.add("once")
                ? Optional.of(KubeErrors.of(KubeException.Code.GONE))
                : Optional.empty();
        BackupReport report = backup(ObjectSelection.EVERYTHING);
        assertThat(report.failed()).isEmpty();
        assertThat(report.taken()).containsEntry("secrets", 1202L);
        assertThat(cluster.requests.stream().filter(path -> path.contains("/secrets?limit=500")))
                .hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void namespace_that_does_not_exist_is_a_line() throws Exception {
        BackupReport report = backup(select(List.of("a", "nowhere"), List.of()));
        assertThat(report.failed()).containsExactly("namespaces nowhere: there is no such object");
        assertThat(report.taken()).containsEntry("pods", 1L);
    }

    @Test
    void resource_that_no_cluster_has_is_refused_before_anything_is_written() {
        assertThatThrownBy(() -> backup(select(List.of(), List.of("podz"))))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("no resource of this cluster is called \"podz\"");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void large_objects_come_in_smaller_pages() {
        assertThat(Lists.nextLimit(500, 500L << 10)).isEqualTo(500);
        assertThat(Lists.nextLimit(500, 500L << 20)).isEqualTo(32);
        assertThat(Lists.nextLimit(32, 32L << 27)).isEqualTo(10);
    }

    @Test
    void page_larger_than_memory_allows_is_read_whole() throws Exception {
        String large = "x".repeat(3 << 20);
        cluster.add(secrets, "a", "large").put("data", large);
        backup(ObjectSelection.EVERYTHING);
        JsonNode secret = requireNonNull(VeleroLayout.read(archive()).get("resources/secrets/namespaces/a/large.json"));
        assertThat(secret.path("data").asText()).isEqualTo(large);
    }

    @Test
    void pages_that_fill_the_spool_are_asked_for_again_when_it_is_their_turn() throws Exception {
        String large = "x".repeat(2 << 20);
        for (ApiResource resource : List.of(pods, secrets, widgets)) {
            cluster.add(resource, "a", "large").put("data", large);
        }
        spool = new Spool(folder, 1);
        BackupReport report = backup(ObjectSelection.EVERYTHING);
        assertThat(report.failed()).isEmpty();
        assertThat(report.taken())
                .containsEntry("pods", 3L)
                .containsEntry("secrets", 3L)
                .containsEntry("widgets.example.com", 3L);
        assertThat(spool.held()).isZero();
    }

    @Test
    void large_pages_that_nobody_has_read_are_let_go() throws Exception {
        String large = "x".repeat(2 << 20);
        for (ApiResource resource : List.of(secrets, claims, widgets)) {
            cluster.add(resource, "a", "large").put("data", large);
        }
        cluster.failure = path -> {
            if (path.contains("/pods")) {
                while (spool.held() <= 3 << 20) {
                    LockSupport.parkNanos(1_000_000);
                }
                throw new IllegalStateException("a bug");
            }
            return Optional.empty();
        };
        assertThatThrownBy(() -> backup(ObjectSelection.EVERYTHING)).isInstanceOf(IllegalStateException.class);
        assertThat(spool.held()).isZero();
        assertThat(archive()).doesNotExist();
    }

    @Test
    void page_that_is_no_json_is_let_go() throws Exception {
        byte[] nonsense = "x".repeat(3 << 20).getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> Page.read(new ByteArrayInputStream(nonsense), spool, () -> true))
                .isInstanceOf(IOException.class);
        assertThat(spool.held()).isZero();
    }

    @Test
    void folder_without_room_is_named() throws Exception {
        cluster.add(secrets, "a", "large").put("data", "x".repeat(2 << 20));
        spool = new Spool(folder.resolve("gone"));
        assertThat(backup(ObjectSelection.EVERYTHING).failed())
                .singleElement()
                .asString()
                .startsWith("list secrets: keep a large page in " + folder.resolve("gone") + ": ");
    }

    @Test
    void plugin_that_crashes_costs_lines_and_its_objects_are_taken_all_the_same() throws Exception {
        plugins.add(TestPlugins.scripted("crash"));
        BackupReport report = backup(ObjectSelection.EVERYTHING);
        assertThat(report.failed()).hasSize(2).allMatch(line -> line.contains("plugin test/crash failed"));
        assertThat(report.taken()).containsEntry("pods", 2L);
    }

    @Test
    void work_that_a_plugin_goes_on_with_is_awaited_and_its_results_are_taken() throws Exception {
        plugins.add(TestPlugins.scripted("operation"));
        cluster.add(secrets, "b", "result");
        BackupReport report = backup(select(List.of("a"), List.of("pods")));
        assertThat(report.failed()).isEmpty();
        assertThat(VeleroLayout.read(archive()).keySet())
                .contains("resources/secrets/namespaces/b/result.json", "resources/namespaces/cluster/b.json");
    }

    @Test
    void name_that_would_leave_the_archive_is_a_line() throws Exception {
        cluster.add(secrets, "a", "../../etc/passwd");
        BackupReport report = backup(ObjectSelection.EVERYTHING);
        assertThat(report.failed()).singleElement().asString().contains("cannot be a file name");
    }

    @Test
    void numbers_keep_their_digits() throws Exception {
        String exact = "12345678901234567890.12345678901234567890";
        ObjectNode spec = cluster.add(widgets, "a", "n").putObject("spec");
        spec.put("big", new BigDecimal(exact)).put("long", Long.MAX_VALUE).put("zeros", new BigDecimal("1.00"));
        backup(ObjectSelection.EVERYTHING);
        JsonNode read =
                requireNonNull(VeleroLayout.read(archive()).get("resources/widgets.example.com/namespaces/a/n.json"));
        assertThat(read.path("spec").toString())
                .isEqualTo("{\"big\":" + exact + ",\"long\":9223372036854775807,\"zeros\":1.00}");
    }

    private BackupReport backup(ObjectSelection selection) throws Exception {
        BackupOrder order = new BackupOrder("test", selection, new BackupTarget.ArchiveFile(archive()));
        PluginSupply supply = TestPlugins.supply(plugins, folder.resolve("s"));
        Instant started = Instant.parse("2026-01-01T00:00:00Z");
        return new ObjectBackup(cluster, supply, order, "objects-test", _ -> {}, spool, started)
                .run(archive(), ArchiveWriter.beside(archive()), true);
    }

    private Path archive() {
        return folder.resolve("test.tar.gz");
    }

    private static ObjectSelection select(List<String> namespaces, List<String> resources) {
        return new ObjectSelection(namespaces, List.of(), resources, List.of(), "", ClusterScope.AUTO);
    }
}
