package dev.holdfast.kube;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A real API server that has no place for more requests of one account: its maps and secrets have a level of priority
 * for one request at a time, and the one that is there waits for a webhook that does not answer. With {@link #close}
 * the webhook fails, which the server passes over, and the place is free.
 */
final class Occupied implements AutoCloseable {
    private static final String OBJECTS = """
            apiVersion: flowcontrol.apiserver.k8s.io/v1
            kind: PriorityLevelConfiguration
            metadata: {name: one-at-a-time}
            spec:
              type: Limited
              limited:
                nominalConcurrencyShares: 0
                lendablePercent: 0
                borrowingLimitPercent: 0
                limitResponse: {type: Reject}
            ---
            apiVersion: flowcontrol.apiserver.k8s.io/v1
            kind: FlowSchema
            metadata: {name: one-at-a-time}
            spec:
              matchingPrecedence: 50
              priorityLevelConfiguration: {name: one-at-a-time}
              rules:
              - subjects: [{kind: ServiceAccount, serviceAccount: {namespace: holdfast, name: holdfast-objects}}]
                resourceRules:
                - {apiGroups: [""], resources: [configmaps, secrets], verbs: ["*"], namespaces: [default]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: one-at-a-time}
            subjects: [{kind: ServiceAccount, namespace: holdfast, name: holdfast-objects}]
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: {name: one-at-a-time}
            webhooks:
            - name: silent.example.com
              admissionReviewVersions: [v1]
              sideEffects: None
              failurePolicy: Ignore
              timeoutSeconds: 30
              clientConfig: {url: "https://127.0.0.1:PORT/"}
              rules: [{apiGroups: [""], apiVersions: [v1], resources: [secrets], operations: [CREATE]}]
            """;

    private final ServerSocket webhook = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final KubernetesClient client;
    private final Socket waiting;

    /**
     * Returns when the place is taken.
     *
     * @param admin makes what is needed for it
     * @param account takes the place
     */
    Occupied(KubeRig admin, KubeRig account) throws Exception {
        client = account.kube.client(Lane.BACKUP);
        KubernetesClient maker = admin.kube.client(Lane.INTERACTIVE);
        String objects = OBJECTS.replace("PORT", webhook.getLocalPort() + "");
        maker.load(new ByteArrayInputStream(objects.getBytes(StandardCharsets.UTF_8)))
                .create();
        KubeRig.await("the level in force", Duration.ofSeconds(30), () -> inForce(maker));
        waiting = take();
    }

    private static boolean inForce(KubernetesClient client) {
        return client
                .flowControl()
                .v1()
                .flowSchema()
                .withName("one-at-a-time")
                .get()
                .getStatus()
                .getConditions()
                .stream()
                .anyMatch(
                        it -> it.getType().equals("Dangling") && it.getStatus().equals("False"));
    }

    /** The server hears of role and webhook a moment after they are made: until then nothing waits. */
    private Socket take() throws IOException {
        webhook.setSoTimeout(20);
        IOException late = new SocketTimeoutException("never asked");
        for (int i = 0; i < 1000; i++) {
            CompletableFuture<?> taking = taking("place-" + i);
            while (!taking.isDone()) {
                try {
                    return webhook.accept();
                } catch (SocketTimeoutException e) {
                    late = e;
                }
            }
        }
        throw late;
    }

    private CompletableFuture<?> taking(String name) {
        return CompletableFuture.runAsync(() -> client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("default")
                        .endMetadata()
                        .build())
                .create());
    }

    @Override
    public void close() throws IOException {
        webhook.close();
        waiting.close();
    }
}
