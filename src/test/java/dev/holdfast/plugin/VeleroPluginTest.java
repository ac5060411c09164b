package dev.holdfast.plugin;

import static dev.holdfast.plugin.RealVelero.action;
import static dev.holdfast.plugin.RealVelero.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.testing.Needs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Velero's own executable as a plugin, unchanged. Without a cluster: actions that want one are reported. */
@Timeout(300)
@Needs(RealVelero.class)
class VeleroPluginTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] BACKUP =
            json("{'apiVersion':'velero.io/v1','kind':'Backup','metadata':{'name':'b','namespace':'velero'}}");
    private static final List<String> LOG = new CopyOnWriteArrayList<>();

    @TempDir
    private static Path folder;

    private static @Nullable Plugins started;

    private Plugins plugins;

    /** Not before all: tests that are skipped need none. */
    @BeforeEach
    void start() throws Exception {
        if (started == null) {
            PluginCommand command = new PluginCommand(
                    "velero",
                    List.of(RealVelero.executable().toString(), "run-plugins", "--log-level", "debug"),
                    folder,
                    Map.of("KUBECONFIG", "/nonexistent/kubeconfig"));
            PluginLimits limits =
                    new PluginLimits(Duration.ofMinutes(2), Duration.ofMinutes(1), 3, Duration.ofMinutes(10));
            started = Plugins.start(List.of(command), limits, LOG::add);
        }
        plugins = started;
    }

    @AfterAll
    static void stop() {
        if (started != null) {
            started.close();
            assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                    .isEmpty();
        }
    }

    @Test
    void its_backup_actions_are_found_and_the_rest_is_passed_over() {
        assertThat(plugins.itemActions().stream().map(ItemAction::name)).contains("velero.io/pod", "velero.io/pv");
        assertThat(plugins.notes()).singleElement().asString().contains("RestoreItemAction velero.io/job");
    }

    @Test
    void actions_that_want_a_cluster_are_reported_and_the_others_work() {
        assertThat(plugins.troubles()).anyMatch(line -> line.startsWith("velero.io/service-account is done without"));
    }

    @Test
    void item_block_action_of_a_pod_names_what_belongs_to_it() throws Exception {
        ItemAction action = action(plugins.blockActions(), "velero.io/pod");
        assertThat(action.selector().includedResources()).containsExactly("pods");
        assertThat(action.ask(pod(""), BACKUP).additional())
                .contains(new ItemId("", "persistentvolumeclaims", "ns", "data"));
    }

    @Test
    void pod_action_says_that_it_is_for_pods_and_adds_the_claim() throws Exception {
        ItemAction action = action(plugins.itemActions(), "velero.io/pod");
        assertThat(action.selector()).isEqualTo(Selector.resources("pods"));
        Answer answer = action.ask(pod(""), BACKUP);
        assertThat(JSON.readTree(answer.item()).path("metadata").path("name").asText())
                .isEqualTo("web");
        assertThat(answer.additional()).containsExactly(new ItemId("", "persistentvolumeclaims", "ns", "data"));
    }

    @Test
    void volume_action_changes_the_claim_and_adds_the_volume() throws Exception {
        Answer answer = action(plugins.itemActions(), "velero.io/pv")
                .ask(
                        json("{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'data',"
                                + "'namespace':'ns'},'spec':{'volumeName':'pv-1','dataSource':{'kind':'x','name':'y'}},"
                                + "'status':{'phase':'Bound'}}"),
                        BACKUP);
        JsonNode claim = JSON.readTree(answer.item());
        assertThat(claim.path("spec").has("dataSource")).isFalse();
        assertThat(answer.additional()).containsExactly(new ItemId("", "persistentvolumes", "", "pv-1"));
    }

    @Test
    void object_of_three_megabytes_goes_there_and_back() throws Exception {
        byte[] large = pod("x".repeat(3 << 20));
        Answer answer = action(plugins.itemActions(), "velero.io/pod").ask(large, BACKUP);
        assertThat(answer.item().length).isGreaterThan(3 << 20);
    }

    @Test
    void object_that_it_cannot_read_is_refused_by_it() {
        assertThatThrownBy(() -> action(plugins.itemActions(), "velero.io/pod").ask(json("[]"), BACKUP))
                .isInstanceOfSatisfying(
                        PluginException.class, e -> assertThat(e.code()).isEqualTo(PluginException.Code.REFUSED))
                .hasMessageStartingWith("plugin velero, generated.BackupItemAction/Execute: ");
    }

    private static byte[] pod(String annotation) {
        return json("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web','namespace':'ns','annotations':{'a':'"
                + annotation + "'}},'spec':{'volumes':[{'name':'d','persistentVolumeClaim':{'claimName':'data'}}]}}");
    }
}
