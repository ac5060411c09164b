package dev.holdfast.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Kinds of custom resources at a real API server: {@code widgets}, each in a group of its own. */
public final class Widgets {
    private static final String GROUP = ".example.com";

    private static final String DEFINITION = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.gN.example.com}
            spec:
              group: gN.example.com
              scope: Namespaced
              names: {plural: widgets, singular: widget, kind: Widget}
              versions:
              - name: v1
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
            """;

    private Widgets() {}

    /** Makes the definitions, several at a time; they are served a moment later. */
    public static void define(KubeRig rig, int groups) throws KubeException, InterruptedException, ExecutionException {
        KubernetesClient client = rig.kube.client(Lane.INTERACTIVE);
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < groups; i++) {
                String yaml = DEFINITION.replace("gN.", "g" + i + ".");
                all.add(threads.submit(() -> client.resource(yaml).create()));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    /** Waits until all of them are served. */
    public static void awaitKnown(KubeRig rig, int groups) throws InterruptedException {
        KubeRig.await("the definitions", Duration.ofMinutes(2), () -> known(rig) >= groups);
    }

    private static long known(KubeRig rig) {
        try {
            return rig.kube.discovery().snapshot().resources().stream()
                    .filter(it -> it.resource().equals("widgets") && it.group().endsWith(GROUP))
                    .count();
        } catch (KubeException e) {
            throw new AssertionError(e);
        }
    }
}
