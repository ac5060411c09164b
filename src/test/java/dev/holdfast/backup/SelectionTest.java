package dev.holdfast.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.kube.ApiResource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a selection takes of a cluster. */
class SelectionTest {
    @TempDir
    private Path folder;

    private BackupRig rig;

    @BeforeEach
    void fill() {
        rig = new BackupRig(folder);
        FakeCluster cluster = rig.cluster;
        ApiResource namespaces = cluster.kind("", "namespaces", "Namespace", false);
        ApiResource volumes = cluster.kind("", "persistentvolumes", "PersistentVolume", false);
        ApiResource pods = cluster.kind("", "pods", "Pod", true);
        ApiResource services = cluster.kind("", "services", "Service", true);
        ApiResource events = cluster.kind("", "events", "Event", true);
        ApiResource newEvents = cluster.kind("events.k8s.io", "events", "Event", true);
        ApiResource served = cluster.kind("serving.knative.dev", "services", "Service", true);
        cluster.add(volumes, "", "v");
        for (String namespace : List.of("shop", "shop-old", "other")) {
            cluster.add(namespaces, "", namespace);
            for (ApiResource resource : List.of(pods, services, events, newEvents, served)) {
                cluster.add(resource, namespace, "x");
            }
        }
        cluster.add(namespaces, "", "empty");
    }

    @Test
    void bare_name_means_one_resource_and_not_those_of_other_groups() throws Exception {
        assertThat(taken(BackupRig.select(List.of(), List.of(), List.of("services"))))
                .containsEntry("services.serving.knative.dev", 3L)
                .doesNotContainKey("services");
        assertThat(taken(BackupRig.select(List.of(), List.of("Service"), List.of())))
                .containsEntry("services", 3L)
                .doesNotContainKey("services.serving.knative.dev");
        assertThat(taken(BackupRig.select(List.of(), List.of("services.serving.knative.dev"), List.of())))
                .containsEntry("services.serving.knative.dev", 3L)
                .doesNotContainKey("services");
    }

    @Test
    void what_two_groups_serve_is_left_out_with_one_name() throws Exception {
        assertThat(taken(ObjectSelection.EVERYTHING))
                .containsEntry("events", 3L)
                .doesNotContainKey("events.events.k8s.io");
        assertThat(taken(BackupRig.select(List.of(), List.of(), List.of("events"))))
                .doesNotContainKeys("events", "events.events.k8s.io");
    }

    @Test
    void asterisk_stands_for_any_part_of_a_name() throws Exception {
        assertThat(taken(BackupRig.select(List.of("shop*"), List.of("*.knative.dev"), List.of())))
                .containsOnly(Map.entry("services.serving.knative.dev", 2L), Map.entry("namespaces", 2L));
        ObjectSelection notOld =
                new ObjectSelection(List.of("*"), List.of("*-old"), List.of("po*"), List.of(), "", ClusterScope.AUTO);
        assertThat(taken(notOld)).containsEntry("pods", 2L);
    }

    @Test
    void namespaces_that_nothing_is_taken_of_stay_out_unless_they_are_asked_for() throws Exception {
        assertThat(taken(BackupRig.select(List.of(), List.of("pods"), List.of())))
                .containsOnly(Map.entry("pods", 3L), Map.entry("namespaces", 3L));
        assertThat(taken(BackupRig.select(List.of(), List.of("namespaces"), List.of("Namespace"))))
                .isEmpty();
    }

    @Test
    void objects_of_the_whole_cluster_are_taken_as_their_scope_says() throws Exception {
        assertThat(taken(scope(List.of("shop"), ClusterScope.AUTO))).doesNotContainKey("persistentvolumes");
        assertThat(taken(scope(List.of(), ClusterScope.AUTO))).containsEntry("persistentvolumes", 1L);
        assertThat(taken(scope(List.of("shop"), ClusterScope.ALL)))
                .containsEntry("persistentvolumes", 1L)
                .containsEntry("pods", 1L);
        assertThat(taken(scope(List.of(), ClusterScope.NONE)))
                .doesNotContainKey("persistentvolumes")
                .containsEntry("pods", 3L);
    }

    @Test
    void what_cannot_be_meant_is_refused() {
        ObjectSelection labels =
                new ObjectSelection(List.of(), List.of(), List.of(), List.of(), "app in web", ClusterScope.AUTO);
        assertThatThrownBy(() -> taken(labels))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.code()).isEqualTo(BackupException.Code.ORDER))
                .hasMessageContaining("label selector \"app in web\"");
        assertThatThrownBy(() -> taken(BackupRig.select(List.of(".."), List.of(), List.of())))
                .hasMessageContaining("no namespace can be called");
        assertThatThrownBy(() -> taken(BackupRig.select(List.of(), List.of("*.nobody.dev"), List.of())))
                .hasMessageContaining("no resource of this cluster is called \"*.nobody.dev\"");
        assertThat(rig.archive()).doesNotExist();
    }

    @Test
    void silent_api_is_a_failure_unless_it_is_not_asked_for() throws Exception {
        rig.cluster.stale.add("metrics.example.com/v1");
        rig.cluster.stale.add("serving.knative.dev/v1");
        BackupReport report = rig.backup(ObjectSelection.EVERYTHING);
        assertThat(report.failed())
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).startsWith("API metrics.example.com/v1: its server does not answer"),
                        line -> assertThat(line).startsWith("API serving.knative.dev/v1: its server does not answer"));
        assertThat(rig.backup(BackupRig.select(List.of(), List.of("pods"), List.of()))
                        .failed())
                .isEmpty();
        assertThat(rig.backup(BackupRig.select(List.of(), List.of(), List.of("*.metrics.example.com")))
                        .failed())
                .singleElement()
                .asString()
                .startsWith("API serving.knative.dev/v1: ");
    }

    private static ObjectSelection scope(List<String> namespaces, ClusterScope scope) {
        return new ObjectSelection(namespaces, List.of(), List.of(), List.of(), "", scope);
    }

    private Map<String, Long> taken(ObjectSelection selection) throws Exception {
        BackupReport report = rig.backup(selection);
        assertThat(report.failed()).isEmpty();
        return report.taken();
    }
}
