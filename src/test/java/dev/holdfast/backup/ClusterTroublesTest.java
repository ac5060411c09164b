package dev.holdfast.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.KubeErrors;
import dev.holdfast.kube.KubeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clusters that refuse, hang or go away in the middle of a backup. */
class ClusterTroublesTest {
    @TempDir
    private Path folder;

    private BackupRig rig;

    @BeforeEach
    void fill() {
        rig = new BackupRig(folder);
        ApiResource namespaces = rig.cluster.kind("", "namespaces", "Namespace", false);
        ApiResource pods = rig.cluster.kind("", "pods", "Pod", true);
        for (String namespace : List.of("a", "b", "c", "d", "e", "f")) {
            rig.cluster.add(namespaces, "", namespace);
            rig.cluster.add(pods, namespace, "p");
        }
    }

    @Test
    void backup_that_took_nothing_leaves_the_older_archive() throws Exception {
        Files.writeString(rig.archive(), "the older one");
        rig.fail(KubeException.Code.UNAUTHORIZED, _ -> true);
        assertThatThrownBy(() -> rig.backup(ObjectSelection.EVERYTHING))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.code()).isEqualTo(BackupException.Code.CLUSTER))
                .hasMessageContaining("nothing could be taken")
                .hasMessageContaining("list namespaces: the test says UNAUTHORIZED");
        assertThat(rig.archive()).hasContent("the older one");
        assertThat(folder.toFile().list()).containsExactly("test.tar.gz");
    }

    @Test
    void silent_server_behind_one_api_costs_the_lists_of_that_api_alone() throws Exception {
        many("silent.example.com", 100);
        ApiResource widgets = rig.cluster.kind("example.com", "widgets", "Widget", true);
        rig.cluster.add(widgets, "a", "w");
        rig.fail(KubeException.Code.UNREACHABLE, path -> path.contains("silent.example.com"));
        BackupReport report = rig.backup(ObjectSelection.EVERYTHING);
        assertThat(report.taken()).containsEntry("pods", 6L).containsEntry("widgets.example.com", 1L);
        assertThat(report.failed()).hasSize(4);
        assertThat(report.failed().getLast())
                .isEqualTo("97 more lists: not taken, the server of silent.example.com does not answer");
        assertThat(rig.cluster.requests.size()).isLessThan(50);
    }

    @Test
    void server_that_goes_away_is_not_asked_for_everything_else() throws Exception {
        for (int i = 0; i < 100; i++) {
            many("g" + i + ".example.com", 1);
        }
        rig.fail(
                KubeException.Code.UNREACHABLE,
                path -> path.contains("example.com") || path.equals("/api/v1/namespaces?limit=1"));
        BackupReport report = rig.backup(ObjectSelection.EVERYTHING);
        assertThat(report.taken()).containsEntry("pods", 6L);
        assertThat(report.failed()).hasSize(4);
        assertThat(report.failed().getLast())
                .isEqualTo("97 more lists: not taken, the API server does not answer any more");
        assertThat(rig.cluster.requests.size()).isLessThan(50);
    }

    @Test
    void refusal_between_two_silences_shows_that_the_server_lives() throws Exception {
        many("example.com", 10);
        rig.cluster.failure = path -> {
            boolean third = path.matches(".*/kind\\d*[258][?].*");
            KubeException.Code code = third ? KubeException.Code.FORBIDDEN : KubeException.Code.UNREACHABLE;
            return path.contains("example.com") ? Optional.of(KubeErrors.of(code)) : Optional.empty();
        };
        assertThat(rig.backup(ObjectSelection.EVERYTHING).failed())
                .hasSize(10)
                .allMatch(line -> line.startsWith("list kind"));
    }

    @Test
    void wait_at_our_own_gate_is_not_the_silence_of_the_server() throws Exception {
        many("example.com", 10);
        rig.fail(KubeException.Code.WAITED_TOO_LONG, path -> path.contains("example.com"));
        assertThat(rig.backup(ObjectSelection.EVERYTHING).failed())
                .hasSize(10)
                .allMatch(line -> line.startsWith("list kind"));
    }

    @Test
    void lists_of_all_namespaces_that_are_forbidden_are_asked_for_one_by_one() throws Exception {
        many("example.com", 40);
        rig.fail(KubeException.Code.FORBIDDEN, path -> !path.contains("/namespaces/"));
        BackupReport report = rig.backup(BackupRig.select(List.of("a", "b", "c", "d", "e"), List.of(), List.of()));
        assertThat(report.failed()).isEmpty();
        assertThat(report.taken()).containsEntry("pods", 5L).containsEntry("namespaces", 5L);
        // Those that had been asked for already, and none of the others.
        assertThat(rig.cluster.requests.stream().filter(path -> !path.contains("/namespaces/")))
                .hasSizeLessThanOrEqualTo(17);
    }

    @Test
    void one_forbidden_resource_does_not_change_how_others_are_listed() throws Exception {
        many("example.com", 40);
        rig.fail(KubeException.Code.FORBIDDEN, path -> path.startsWith("/apis/example.com/v1/kind3?"));
        BackupReport report = rig.backup(BackupRig.select(List.of("a", "b", "c", "d", "e"), List.of(), List.of()));
        assertThat(report.failed()).isEmpty();
        assertThat(rig.cluster.requests.stream().filter(path -> path.contains("/namespaces/a/")))
                .hasSize(1);
    }

    @Test
    void many_namespaces_are_fetched_by_name_where_they_may_not_be_listed() throws Exception {
        List<String> names = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i");
        rig.fail(KubeException.Code.FORBIDDEN, path -> path.startsWith("/api/v1/namespaces?"));
        BackupReport report = rig.backup(BackupRig.select(names, List.of(), List.of()));
        assertThat(report.taken()).containsEntry("namespaces", 6L);
        assertThat(report.failed()).hasSize(3).allMatch(line -> line.endsWith("there is no such object"));
    }

    @Test
    void object_that_could_not_be_read_is_not_said_to_be_missing() throws Exception {
        rig.fail(KubeException.Code.FORBIDDEN, path -> path.equals("/api/v1/namespaces/a"));
        assertThat(rig.backup(BackupRig.select(List.of("a"), List.of(), List.of()))
                        .failed())
                .containsExactly("namespaces a: the test says FORBIDDEN");
    }

    private void many(String group, int count) {
        for (int i = 0; i < count; i++) {
            rig.cluster.kind(group, "kind" + i, "Kind" + i, true);
        }
    }
}
