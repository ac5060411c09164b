package dev.holdfast.backup;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.backup.archive.ArchiveWriter;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.KubeException;
import dev.holdfast.plugin.Answer;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.ItemId;
import dev.holdfast.plugin.Operation;
import dev.holdfast.plugin.PluginException;
import dev.holdfast.plugin.Selector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What plugins answer, and what comes of it, with plugins in this process. */
class ItemActionsTest {
    @TempDir
    private Path folder;

    private BackupRig rig;
    private ApiResource pods;
    private ApiResource secrets;
    private ApiResource volumes;
    private final Findings findings = new Findings();
    private final List<ItemAction> actions = new ArrayList<>();
    /** Whether the backup was given up when operations are awaited. */
    private BooleanSupplier canceled = () -> false;

    /** What a plugin does when it is asked. */
    private interface Behaviour {
        Answer ask(JsonNode item, String backup) throws Exception;
    }

    /** Remembers what it was asked about. */
    private static final class Scripted implements ItemAction {
        private final Selector selector;
        private final Behaviour behaviour;
        final List<String> asked = new ArrayList<>();
        Operation operation = new Operation(true, "");

        Scripted(Selector selector, Behaviour behaviour) {
            this.selector = selector;
            this.behaviour = behaviour;
        }

        @Override
        public String name() {
            return "test/scripted";
        }

        @Override
        public Selector selector() {
            return selector;
        }

        @Override
        public Answer ask(byte[] item, byte[] backup) throws PluginException {
            try {
                JsonNode read = Json.MAPPER.readTree(item);
                asked.add(read.path("kind").asText() + " "
                        + read.path("metadata").path("name").asText());
                return behaviour.ask(read, new String(backup, StandardCharsets.UTF_8));
            } catch (PluginException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Operation progress(String id, byte[] backup) {
            return operation;
        }

        @Override
        public void cancel(String id, byte[] backup) {
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            asked.add("cancel " + id);
        }
    }

    @BeforeEach
    void fill() {
        rig = new BackupRig(folder);
        FakeCluster cluster = rig.cluster;
        cluster.kind("", "namespaces", "Namespace", false);
        pods = cluster.kind("", "pods", "Pod", true);
        secrets = cluster.kind("", "secrets", "Secret", true);
        volumes = cluster.kind("", "persistentvolumes", "PersistentVolume", false);
        ApiResource deployments = cluster.kind("apps", "deployments", "Deployment", true);
        cluster.add(pods, "a", "p");
        cluster.add(pods, "a", "q");
        cluster.add(deployments, "a", "d");
        cluster.add(volumes, "", "v");
    }

    @Test
    void names_that_plugins_give_resources_mean_what_they_mean_to_velero() throws Exception {
        Scripted plural = scripted(resources("deployments", "pod"), (_, _) -> Answer.KEEP);
        Scripted pattern = scripted(resources("*.apps", "nobodies.example.com"), (_, _) -> Answer.KEEP);
        take(EVERYTHING);
        assertThat(plural.asked).containsExactly("Pod p", "Pod q", "Deployment d");
        assertThat(pattern.asked).containsExactly("Deployment d");
        assertThat(findings.notes())
                .containsExactly("plugin test/scripted is for resources that this cluster does not have:"
                        + " nobodies.example.com");
    }

    @Test
    void plugin_that_names_namespaces_does_not_see_objects_of_the_whole_cluster() throws Exception {
        Scripted named = scripted(namespaces("a"), (_, _) -> Answer.KEEP);
        Scripted all = scripted(namespaces("*"), (_, _) -> Answer.KEEP);
        take(EVERYTHING);
        assertThat(named.asked).containsExactly("Pod p", "Pod q", "Deployment d");
        assertThat(all.asked).contains("PersistentVolume v");
    }

    @Test
    void one_of_each_kind_is_asked_about_until_there_is_an_answer() throws Exception {
        Selector once = new Selector(List.of(), List.of(), List.of("pods", "deployments"), List.of(), "", true);
        Scripted scripted = scripted(once, (item, _) -> {
            if (item.path("metadata").path("name").asText().equals("p")) {
                throw new PluginException(PluginException.Code.REFUSED, "not now");
            }
            return Answer.KEEP;
        });
        rig.cluster.add(pods, "a", "r");
        take(EVERYTHING);
        assertThat(scripted.asked).containsExactly("Pod p", "Pod q", "Deployment d");
        assertThat(findings.failedLines()).singleElement().asString().endsWith("not now");
    }

    @Test
    void what_a_plugin_insists_on_is_taken_in_spite_of_selection_and_label() throws Exception {
        rig.cluster
                .add(secrets, "b", "hidden")
                .withObject("metadata")
                .putObject("labels")
                .put("velero.io/exclude-from-backup", "true");
        Scripted scripted = scripted(resources("pods"), (item, _) -> {
            ObjectNode changed = item.deepCopy();
            changed.withObject("metadata")
                    .putObject("annotations")
                    .put("backup.velero.io/must-include-additional-items", "true")
                    .put("other", "stays");
            return new Answer(
                    Json.MAPPER.writeValueAsBytes(changed),
                    List.of(new ItemId("", "secrets", "b", "hidden")),
                    "",
                    List.of());
        });
        Map<String, JsonNode> archive = take(BackupRig.select(List.of("a"), List.of(), List.of("secrets")));
        assertThat(scripted.asked).hasSize(2);
        assertThat(archive).containsKey("resources/secrets/namespaces/b/hidden.json");
        assertThat(requireNonNull(archive.get("resources/pods/namespaces/a/p.json"))
                        .path("metadata")
                        .path("annotations")
                        .toString())
                .isEqualTo("{\"other\":\"stays\"}");
        assertThat(findings.failedLines()).isEmpty();
    }

    @Test
    void what_a_plugin_only_names_stays_out_with_selection_and_label() throws Exception {
        rig.cluster.add(secrets, "b", "s");
        scripted(resources("pods"), (_, _) -> Answer.add(List.of(new ItemId("", "secrets", "b", "s"))));
        assertThat(take(BackupRig.select(List.of("a"), List.of(), List.of())))
                .doesNotContainKey("resources/secrets/namespaces/b/s.json");
        assertThat(findings.skippedLines()).containsExactly("secrets b/s: needed by another object, but not selected");
    }

    @Test
    void identifiers_that_nothing_can_have_are_lines_and_the_rest_is_taken() throws Exception {
        List<ItemId> hostile = List.of(
                new ItemId("", "secrets", "a b/../c", "x"),
                new ItemId("", "secrets", "", "x"),
                new ItemId("", "secrets", "a", ""),
                new ItemId("", "secrets", "a", ".."),
                new ItemId("", "secrets", "a", "x/y"),
                new ItemId("", "secrets", "a", "x\ny"),
                new ItemId("", "persistentvolumes", "", "%2e"));
        scripted(resources("deployments"), (_, _) -> Answer.add(hostile));
        scripted(
                resources("deployments"),
                (_, _) -> Answer.add(List.of(
                        new ItemId("", "secrets", "a", "odd name?#"), new ItemId("", "secret", "a", "one"),
                        new ItemId("", "persistentvolumes", "a", "v2"), new ItemId("x.y", "nothings", "a", "b"))));
        rig.cluster.add(secrets, "a", "one");
        rig.cluster.add(volumes, "", "v2");
        Map<String, JsonNode> archive =
                take(BackupRig.select(List.of("a"), List.of("deployments", "secrets"), List.of()));
        assertThat(findings.failedLines())
                .hasSize(hostile.size() + 1)
                .filteredOn(line -> !line.endsWith("nothing can be called that"))
                .containsExactly("secrets a/odd name?#: needed by another object, but it does not exist");
        assertThat(findings.failedLines()).noneMatch(line -> line.contains("\n"));
        assertThat(rig.cluster.requests).contains("/api/v1/namespaces/a/secrets/odd%20name%3F%23");
        assertThat(findings.skippedLines()).containsExactly("nothings.x.y a/b: this cluster has no such resource");
        assertThat(archive)
                .containsKey("resources/secrets/namespaces/a/one.json")
                .containsKey("resources/persistentvolumes/cluster/v2.json");
    }

    @Test
    void many_of_one_kind_are_fetched_with_one_list_and_what_is_not_in_it_is_told() throws Exception {
        List<ItemId> wanted = IntStream.range(0, 20)
                .mapToObj(i -> new ItemId("", "secrets", "b", "s" + i))
                .toList();
        IntStream.range(0, 19).forEach(i -> rig.cluster.add(secrets, "b", "s" + i));
        rig.cluster.add(secrets, "b", "other");
        scripted(resources("deployments"), (_, _) -> Answer.add(wanted));
        Map<String, JsonNode> archive = take(
                new ObjectSelection(List.of(), List.of(), List.of(), List.of(), "", ClusterScope.AUTO), deployments());
        assertThat(rig.cluster.requests).hasSize(2).last().asString().startsWith("/api/v1/namespaces/b/secrets?");
        assertThat(findings.failedLines())
                .containsExactly("secrets b/s19: needed by another object, but it does not exist");
        assertThat(archive)
                .containsKey("resources/secrets/namespaces/b/s7.json")
                .doesNotContainKey("resources/secrets/namespaces/b/other.json");
    }

    @Test
    void what_could_not_be_listed_is_not_said_to_be_missing() throws Exception {
        List<ItemId> wanted = IntStream.range(0, 20)
                .mapToObj(i -> new ItemId("", "secrets", "b", "s" + i))
                .toList();
        rig.fail(KubeException.Code.SERVER_ERROR, path -> path.contains("/secrets"));
        scripted(resources("deployments"), (_, _) -> Answer.add(wanted));
        take(EVERYTHING, deployments());
        assertThat(findings.skippedLines()).isEmpty();
        assertThat(findings.failedLines()).containsExactly("list secrets in namespace b: the test says SERVER_ERROR");
    }

    @Test
    void objects_of_finished_work_are_taken_again_and_counted_once() throws Exception {
        rig.cluster.add(secrets, "elsewhere", "result");
        List<String> phases = new ArrayList<>();
        scripted(resources("pods", "secrets"), (item, backup) -> {
            phases.add(item.path("metadata").path("name").asText() + " "
                    + Json.MAPPER.readTree(backup).path("status").path("phase").asText());
            rig.cluster.add(pods, "a", "p").put("changed", "meanwhile");
            return item.path("metadata").path("name").asText().equals("q")
                    ? Answer.KEEP
                    : new Answer(
                            new byte[0],
                            List.of(),
                            "work",
                            List.of(
                                    new ItemId("", "pods", "a", "p"),
                                    new ItemId("", "secrets", "elsewhere", "result"),
                                    new ItemId("", "pods", "a", "gone")));
        });
        Map<String, JsonNode> archive = take(BackupRig.select(List.of("a"), List.of("pods"), List.of()));
        assertThat(phases).containsExactly("p InProgress", "q InProgress", "p Finalizing", "result Finalizing");
        assertThat(requireNonNull(archive.get("resources/pods/namespaces/a/p.json"))
                        .path("changed")
                        .asText())
                .isEqualTo("meanwhile");
        assertThat(archive).containsKey("resources/secrets/namespaces/elsewhere/result.json");
        assertThat(findings.takenByResource()).containsEntry("pods", 2L).containsEntry("secrets", 1L);
        assertThat(findings.failedLines())
                .hasSize(3)
                .filteredOn(line -> !line.endsWith("began operation work when others had ended; it is not waited for"))
                .containsExactly("pods a/gone: needed by another object, but it does not exist");
    }

    @Test
    void object_that_was_left_out_counts_once_when_it_is_taken_after_all() throws Exception {
        rig.cluster.add(pods, "a", "p").withObject("metadata").put("deletionTimestamp", "2026-01-01T00:00:00Z");
        scripted(resources("deployments"), (_, _) -> {
            rig.cluster.add(pods, "a", "p");
            return new Answer(new byte[0], List.of(), "work", List.of(new ItemId("", "pods", "a", "p")));
        });
        take(EVERYTHING);
        assertThat(findings.takenByResource()).containsEntry("pods", 2L);
    }

    @Test
    void work_that_ends_badly_is_told() throws Exception {
        Scripted scripted =
                scripted(resources("deployments"), (_, _) -> new Answer(new byte[0], List.of(), "work", List.of()));
        scripted.operation = new Operation(true, "out of tape");
        take(EVERYTHING);
        assertThat(findings.failedLines())
                .containsExactly("deployments.apps a/d: plugin test/scripted, operation work: out of tape");
    }

    @Test
    void work_is_given_up_with_the_backup() throws Exception {
        Scripted scripted =
                scripted(resources("deployments"), (_, _) -> new Answer(new byte[0], List.of(), "work", List.of()));
        scripted.operation = new Operation(false, "");
        canceled = () -> {
            Thread.currentThread().interrupt();
            return true;
        };
        take(EVERYTHING);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(scripted.asked).containsExactly("Deployment d", "cancel work");
        assertThat(findings.failedLines()).isEmpty();
    }

    @Test
    void many_that_are_refused_cost_one_request_and_two_lines() throws Exception {
        List<ItemId> wanted = IntStream.range(0, 20)
                .mapToObj(i -> new ItemId("", "secrets", "b", "s" + i))
                .toList();
        rig.fail(KubeException.Code.FORBIDDEN, path -> path.contains("/secrets"));
        scripted(resources("deployments"), (_, _) -> Answer.add(wanted));
        take(EVERYTHING, deployments());
        assertThat(findings.failedLines())
                .containsExactly(
                        "secrets b/s0: the test says FORBIDDEN",
                        "19 more secrets that others need: not taken, as this one");
        assertThat(findings.requests()).isEqualTo(3);
    }

    private static final ObjectSelection EVERYTHING = ObjectSelection.EVERYTHING;

    private static Selector resources(String... names) {
        return Selector.resources(names);
    }

    private static Selector namespaces(String... names) {
        return new Selector(List.of(names), List.of(), List.of(), List.of(), "", false);
    }

    private Scripted scripted(Selector selector, Behaviour behaviour) {
        Scripted made = new Scripted(selector, behaviour);
        actions.add(made);
        return made;
    }

    private ObjectSelection deployments() {
        return BackupRig.select(List.of(), List.of("deployments"), List.of());
    }

    private Map<String, JsonNode> take(ObjectSelection selection) throws Exception {
        return take(selection, selection);
    }

    /** @param listed what the lists are of, which may be less than what is selected */
    private Map<String, JsonNode> take(ObjectSelection selection, ObjectSelection listed) throws Exception {
        Resources resources = new Resources(rig.cluster.discovery().snapshot());
        ObjectSelection resolved = selection.resolved(resources);
        Instant time = Instant.EPOCH;
        BackupOrder order = new BackupOrder("test", selection, new BackupTarget.ArchiveFile(rig.archive()));
        Spool spool = new Spool(folder);
        try (ArchiveWriter archive = new ArchiveWriter(rig.archive(), ArchiveWriter.beside(rig.archive()), true, time);
                Lists lists = new Lists(rig.cluster, spool, findings)) {
            ItemActions asked = new ItemActions(
                    actions,
                    resources,
                    BackupDocument.of("id", order, time, BackupDocument.Phase.IN_PROGRESS),
                    findings);
            Items items = new Items(resources, asked, archive, findings);
            Listing listing = new Listing(lists, items, findings, () -> false, _ -> true);
            List<Lists.Query> queries = Queries.of(resources, listed.resolved(resources)).stream()
                    .filter(query -> !query.resource().resource().equals("namespaces"))
                    .toList();
            listing.take(
                    lists.ahead(queries),
                    id -> id.namespace().isEmpty() || resolved.takesNamespace(id.namespace()),
                    List.of(),
                    _ -> {});
            Additions.Source source = new Additions.Source(rig.cluster, lists, listing);
            Additions additions = new Additions(source, resources, resolved, items, findings, () -> false);
            additions.take(Set.of());
            new Operations(asked, items, findings, canceled).await();
            if (canceled.getAsBoolean()) {
                return Map.of();
            }
            asked.finish(BackupDocument.of("id", order, time, BackupDocument.Phase.FINALIZING));
            additions.take(Set.of());
            archive.commit();
        }
        return VeleroLayout.read(rig.archive());
    }
}
