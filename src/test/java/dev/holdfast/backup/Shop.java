package dev.holdfast.backup;

import dev.holdfast.kube.KubeRig;
import dev.holdfast.kube.Lane;
import dev.holdfast.kube.Widgets;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/**
 * A namespace {@code shop} with 2,118 objects at a real API server: 100 kinds of custom resources, each with a group of
 * its own and 10 objects, pods with claims that are bound to volumes, a service account with a role, and small things.
 */
public final class Shop {
    public static final int KINDS = 100;
    private static final int WIDGETS_EACH = 10;
    private static final int PODS = 100;
    /** With the namespace and what the server adds to one: an account and the certificate of the cluster. */
    private static final int SETTINGS = 714;

    private final KubernetesClient client;

    private Shop(KubernetesClient client) {
        this.client = client;
    }

    /** Returns when all of it is there. */
    public static void open(KubeRig rig) throws Exception {
        Shop shop = new Shop(rig.kube.client(Lane.INTERACTIVE));
        shop.load(BASE);
        Widgets.define(rig, KINDS);
        shop.loadAll(PODS, POD::formatted);
        for (int pod = 0; pod < PODS; pod++) {
            shop.bind("data-" + pod); // Nobody else does it here.
        }
        shop.loadAll(SETTINGS, SETTING::formatted);
        Widgets.awaitKnown(rig, KINDS);
        for (int kind = 0; kind < KINDS; kind++) {
            int number = kind;
            KubeRig.await("widgets.g" + kind, Duration.ofMinutes(2), () -> shop.widget(number, 0));
        }
        shop.loadAll(KINDS * (WIDGETS_EACH - 1), it -> WIDGET.formatted(it % KINDS, 1 + it / KINDS));
    }

    /** A definition is served a moment after it is made. */
    private boolean widget(int kind, int number) {
        try {
            load(WIDGET.formatted(kind, number));
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == 404) {
                return false;
            }
            throw e;
        }
    }

    private void bind(String claim) {
        client.persistentVolumeClaims().inNamespace("shop").withName(claim).editStatus(it -> {
            it.getStatus().setPhase("Bound");
            return it;
        });
    }

    private void loadAll(int count, IntFunction<String> yaml) throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                all.add(threads.submit(() -> load(yaml.apply(number))));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private void load(String yaml) {
        client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .create();
    }

    private static final String WIDGET = """
            apiVersion: g%1$d.example.com/v1
            kind: Widget
            metadata: {name: w-%2$d, namespace: shop}
            spec: {size: 3}
            """;

    private static final String SETTING = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: setting-%1$d, namespace: shop}
            data: {key: value}
            """;

    private static final String POD = """
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: pv-%1$d}
            spec:
              capacity: {storage: 1Gi}
              accessModes: [ReadWriteOnce]
              hostPath: {path: /nowhere}
            ---
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: data-%1$d, namespace: shop}
            spec:
              accessModes: [ReadWriteOnce]
              volumeName: pv-%1$d
              storageClassName: ""
              resources: {requests: {storage: 1Gi}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web-%1$d, namespace: shop}
            spec:
              serviceAccountName: clerk
              containers: [{name: c, image: none}]
              volumes: [{name: d, persistentVolumeClaim: {claimName: data-%1$d}}]
            """;

    private static final String BASE = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: clerk, namespace: shop}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: reader}
            rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: read}
            subjects: [{kind: ServiceAccount, name: clerk, namespace: shop}]
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
            """;
}
