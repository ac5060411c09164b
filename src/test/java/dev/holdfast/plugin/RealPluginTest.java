package dev.holdfast.plugin;

import static dev.holdfast.plugin.RealVelero.action;
import static dev.holdfast.plugin.RealVelero.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.kube.DiscoverySnapshot;
import dev.holdfast.kube.Door;
import dev.holdfast.kube.KubeException;
import dev.holdfast.kube.KubeExecutables;
import dev.holdfast.kube.KubeObserver;
import dev.holdfast.kube.KubeRig;
import dev.holdfast.kube.Lane;
import dev.holdfast.kube.Measured;
import dev.holdfast.kube.RealCluster;
import dev.holdfast.testing.Needs;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Velero's own executable as a plugin, unchanged, that is led through the local gate to a real API server: all kinds of
 * actions of a backup, and what they ask the server for, by its audit log.
 */
@Timeout(300)
@Needs(KubeExecutables.class)
class RealPluginTest {
    private static final byte[] BACKUP =
            json("{'apiVersion':'velero.io/v1','kind':'Backup','metadata':{'name':'b','namespace':'velero'}}");
    private static final double QPS = 5;
    private static final int BURST = 10;

    /** What Velero's actions for service accounts and snapshots look for. */
    private static final String DEFINITIONS = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: read}
            subjects: [{kind: ServiceAccount, name: clerk, namespace: ns}]
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: ns}
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata:
              name: volumesnapshots.snapshot.storage.k8s.io
              annotations: {api-approved.kubernetes.io: "unapproved, for tests"}
            spec:
              group: snapshot.storage.k8s.io
              scope: Namespaced
              names: {plural: volumesnapshots, singular: volumesnapshot, kind: VolumeSnapshot}
              versions:
              - name: v1
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata:
              name: volumesnapshotcontents.snapshot.storage.k8s.io
              annotations: {api-approved.kubernetes.io: "unapproved, for tests"}
            spec:
              group: snapshot.storage.k8s.io
              scope: Cluster
              names: {plural: volumesnapshotcontents, singular: volumesnapshotcontent, kind: VolumeSnapshotContent}
              versions:
              - name: v1
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
            """;

    private static final byte[] SNAPSHOT_CONTENT = json(
            "{'apiVersion':'snapshot.storage.k8s.io/v1','kind':'VolumeSnapshotContent','metadata':{'name':'content'},"
                    + "'spec':{'deletionPolicy':'Retain','driver':'csi.example.com','source':{'volumeHandle':'v'},"
                    + "'volumeSnapshotRef':{'namespace':'ns','name':'snapshot'}},"
                    + "'status':{'readyToUse':true,'snapshotHandle':'handle'}}");

    private static final byte[] SNAPSHOT =
            json("{'apiVersion':'snapshot.storage.k8s.io/v1','kind':'VolumeSnapshot','metadata':{'name':'snapshot',"
                    + "'namespace':'ns'},'spec':{'source':{'persistentVolumeClaimName':'data'},"
                    + "'volumeSnapshotClassName':'fast'},"
                    + "'status':{'readyToUse':true,'boundVolumeSnapshotContentName':'content'}}");

    private static @Nullable RealCluster started;

    private RealCluster cluster;

    @TempDir
    private Path folder;

    /** Not before all: tests that are skipped need none. */
    @BeforeEach
    void start() throws Exception {
        if (started == null) {
            started = RealCluster.start();
            cluster = started;
            try (KubeRig admin = rig(-1, 1)) {
                KubernetesClient client = admin.kube.client(Lane.INTERACTIVE);
                client.load(new ByteArrayInputStream(DEFINITIONS.getBytes(StandardCharsets.UTF_8)))
                        .create();
                KubeRig.await("the definitions", Duration.ofSeconds(30), () -> known(admin));
                KubeRig.await("the contents", Duration.ofSeconds(30), () -> made(client, SNAPSHOT_CONTENT));
                KubeRig.await("the snapshots", Duration.ofSeconds(30), () -> made(client, SNAPSHOT));
            }
        }
        cluster = started;
    }

    @AfterAll
    static void stop() {
        if (started != null) {
            started.close();
        }
    }

    private static boolean known(KubeRig rig) {
        try {
            DiscoverySnapshot snapshot = rig.kube.discovery().snapshot();
            return Stream.of("VolumeSnapshot", "VolumeSnapshotContent")
                    .allMatch(it -> snapshot.find("snapshot.storage.k8s.io", it).isPresent());
        } catch (KubeException e) {
            throw new AssertionError(e);
        }
    }

    /** A definition is served a moment after it is known. */
    private static boolean made(KubernetesClient client, byte[] json) {
        try {
            client.resource(new ByteArrayInputStream(json)).create();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == 404) {
                return false;
            }
            throw e;
        }
    }

    private KubeRig rig(double qps, int burst) throws IOException, KubeException {
        return new KubeRig(
                Files.createTempDirectory("hk"),
                KubeRig.Config.of(qps, burst, cluster.kubeconfig()),
                KubeObserver.NONE);
    }

    /** One process of Velero, with the arguments that the agent gives it, but without a limit of its own. */
    private Plugins velero(Door door, String name) throws InterruptedException {
        List<String> argv = new ArrayList<>(List.of(RealVelero.executable().toString(), "run-plugins"));
        argv.addAll(door.arguments());
        argv.addAll(List.of("--client-qps", "1000", "--client-burst", "1000"));
        PluginLimits limits = new PluginLimits(Duration.ofMinutes(2), Duration.ofMinutes(1), 3, Duration.ofMinutes(10));
        return Plugins.start(
                List.of(new PluginCommand(name, argv, folder, door.environment())), limits, folder, _ -> {});
    }

    @Test
    @Needs(RealVelero.class)
    void actions_of_all_kinds_answer_and_discover_nothing_at_the_server() throws Exception {
        try (KubeRig rig = rig(100, 100)) {
            rig.kube.discovery().snapshot();
            Instant from = Instant.now();
            try (Door door = rig.kube.openDoor("plugin:velero");
                    Plugins plugins = velero(door, "velero")) {
                assertThat(plugins.troubles()).isEmpty();
                ofAPod(plugins);
                ofAClaim(plugins);
                ofAnAccount(plugins);
                ofAClass(plugins);
                ofASnapshot(plugins);
            }
            List<JsonNode> asked = cluster.arrived("", from);
            Measured.say(
                    "real server, all kinds of Velero's actions through the local gate: %d requests of theirs, of them"
                            + " discovery %d",
                    ofVelero(asked).size(),
                    asked.stream().filter(RealCluster::discovery).count());
            assertThat(ofVelero(asked)).isNotEmpty();
            assertThat(asked.stream().filter(RealCluster::discovery)).isEmpty();
        }
    }

    private static void ofAPod(Plugins plugins) throws PluginException {
        byte[] pod = json("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web','namespace':'ns'},"
                + "'spec':{'volumes':[{'name':'d','persistentVolumeClaim':{'claimName':'data'}}]}}");
        ItemId claim = new ItemId("", "persistentvolumeclaims", "ns", "data");
        for (List<ItemAction> actions : List.of(plugins.itemActions(), plugins.blockActions())) {
            ItemAction action = action(actions, "velero.io/pod");
            assertThat(action.selector()).isEqualTo(Selector.resources("pods"));
            assertThat(action.ask(pod, BACKUP).additional()).contains(claim);
        }
    }

    private static void ofAClaim(Plugins plugins) throws PluginException {
        byte[] claim = json("{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'data',"
                + "'namespace':'ns'},'spec':{'volumeName':'pv-1'},'status':{'phase':'Bound'}}");
        ItemId volume = new ItemId("", "persistentvolumes", "", "pv-1");
        ItemAction item = action(plugins.itemActions(), "velero.io/pv");
        ItemAction block = action(plugins.blockActions(), "velero.io/pvc");
        for (ItemAction action : List.of(item, block)) {
            assertThat(action.selector()).isEqualTo(Selector.resources("persistentvolumeclaims"));
            assertThat(action.ask(claim, BACKUP).additional()).containsExactly(volume);
        }
    }

    private static void ofAnAccount(Plugins plugins) throws PluginException {
        byte[] account =
                json("{'apiVersion':'v1','kind':'ServiceAccount','metadata':{'name':'clerk','namespace':'ns'}}");
        for (List<ItemAction> actions : List.of(plugins.itemActions(), plugins.blockActions())) {
            ItemAction action = action(actions, "velero.io/service-account");
            assertThat(action.selector()).isEqualTo(Selector.resources("serviceaccounts"));
            assertThat(action.ask(account, BACKUP).additional())
                    .containsExactlyInAnyOrder(
                            new ItemId("rbac.authorization.k8s.io", "clusterrolebindings", "", "read"),
                            new ItemId("rbac.authorization.k8s.io", "clusterroles", "", "reader"));
        }
    }

    /** Version 2 of the protocol, without a request. */
    private static void ofAClass(Plugins plugins) throws PluginException {
        ItemAction action = action(plugins.itemActions(), "velero.io/csi-volumesnapshotclass-backupper");
        assertThat(action.selector()).isEqualTo(Selector.resources("volumesnapshotclasses.snapshot.storage.k8s.io"));
        Answer answer = action.ask(
                json("{'apiVersion':'snapshot.storage.k8s.io/v1','kind':'VolumeSnapshotClass','metadata':{'name':"
                        + "'fast','annotations':{'csi.storage.k8s.io/snapshotter-list-secret-name':'s',"
                        + "'csi.storage.k8s.io/snapshotter-list-secret-namespace':'n'}},"
                        + "'driver':'csi.example.com','deletionPolicy':'Retain'}"),
                BACKUP);
        assertThat(answer.additional()).containsExactly(new ItemId("", "secrets", "n", "s"));
        assertThat(answer.operation()).isEmpty();
    }

    /** Version 2 of the protocol, with work that goes on after the answer. */
    private static void ofASnapshot(Plugins plugins) throws PluginException {
        ItemAction action = action(plugins.itemActions(), "velero.io/csi-volumesnapshot-backupper");
        assertThat(action.selector()).isEqualTo(Selector.resources("volumesnapshots.snapshot.storage.k8s.io"));
        Answer answer = action.ask(SNAPSHOT, BACKUP);
        ItemId content = new ItemId("snapshot.storage.k8s.io", "volumesnapshotcontents", "", "content");
        assertThat(answer.additional())
                .containsExactly(new ItemId("snapshot.storage.k8s.io", "volumesnapshotclasses", "", "fast"), content);
        assertThat(answer.operation()).startsWith("ns/snapshot/");
        assertThat(answer.afterOperation())
                .containsExactly(new ItemId("snapshot.storage.k8s.io", "volumesnapshots", "ns", "snapshot"), content);
        assertThat(action.progress(answer.operation(), BACKUP)).isEqualTo(Operation.DONE);
        action.cancel(answer.operation(), BACKUP);
    }

    @Test
    @Needs(RealVelero.class)
    void two_processes_that_ask_as_fast_as_they_can_stay_inside_the_budget_together() throws Exception {
        int questions = 3;
        try (KubeRig rig = rig(QPS, BURST)) {
            rig.kube.discovery().snapshot();
            Instant from = Instant.now();
            try (Door one = rig.kube.openDoor("plugin:one");
                    Door other = rig.kube.openDoor("plugin:other");
                    Plugins first = velero(one, "one");
                    Plugins second = velero(other, "other");
                    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Void>> all = new ArrayList<>();
                for (Plugins plugins : List.of(first, second)) {
                    Callable<Void> ask = () -> {
                        for (int i = 0; i < questions; i++) {
                            ofASnapshot(plugins);
                        }
                        return null;
                    };
                    all.add(threads.submit(ask));
                }
                for (Future<Void> done : all) {
                    done.get();
                }
            }
            List<JsonNode> asked = cluster.arrived("", from);
            List<JsonNode> theirs = ofVelero(asked);
            Duration took =
                    Duration.between(RealCluster.arrival(asked.getFirst()), RealCluster.arrival(asked.getLast()));
            Measured.say(
                    "real server, two processes of Velero's plugins at %.0f/%d: %d requests of theirs in %d ms, at"
                            + " most %.2f above the rate (burst %d); discovery %d",
                    QPS,
                    BURST,
                    theirs.size(),
                    took.toMillis(),
                    aboveTheRate(asked),
                    BURST,
                    asked.stream().filter(RealCluster::discovery).count());
            assertThat(theirs).hasSizeGreaterThanOrEqualTo(2 * questions * 5);
            // One more for the two ends of a span, and one for requests that were longer on their way than others.
            assertThat(aboveTheRate(asked)).isLessThanOrEqualTo(BURST + 2);
            assertThat(asked.stream().filter(RealCluster::discovery)).isEmpty();
        }
    }

    /** Of all spans of time, how many requests more than the rate allows came in one: no more than the burst may. */
    private static double aboveTheRate(List<JsonNode> asked) {
        double most = 0;
        for (int i = 0; i < asked.size(); i++) {
            for (int j = i; j < asked.size(); j++) {
                double seconds = Duration.between(RealCluster.arrival(asked.get(i)), RealCluster.arrival(asked.get(j)))
                                .toNanos()
                        / 1e9;
                most = Math.max(most, j - i + 1 - QPS * seconds);
            }
        }
        return most;
    }

    private static List<JsonNode> ofVelero(List<JsonNode> asked) {
        return asked.stream()
                .filter(it -> it.path("userAgent").asText().startsWith("velero"))
                .toList();
    }
}
