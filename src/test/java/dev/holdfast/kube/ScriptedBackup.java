package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Budget;
import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GroupVersionForDiscovery;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What six processes of a backup ask the API server for, in two ways: all share budget and discovery, or each has its
 * own limit and discovers for itself with fabric8's client as it comes. Both do the same work; the server counts.
 *
 * @param directory for what the agent keeps
 */
record ScriptedBackup(Path kubeconfig, Path directory) {
    /** What the addresses of the work have in common. */
    static final String WORK = "/namespaces/shop/";

    /** How many lists each process asks for. */
    private static final Map<String, Integer> SCRIPT = script();

    /**
     * What it has cost the server.
     *
     * @param work requests that are what the backup is for
     */
    record Cost(long requests, long discovery, long work, Duration took) {}

    /** One of the two ways. */
    interface Way {
        void run() throws Exception;
    }

    /** How many requests the work is. */
    static int work() {
        return SCRIPT.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static Map<String, Integer> script() {
        Map<String, Integer> script = new LinkedHashMap<>();
        script.put(Kube.AGENT, 20);
        List.of("plugin-a", "plugin-b", "plugin-c", "mover-a", "mover-b").forEach(it -> script.put(it, 10));
        return script;
    }

    /** One process: knows the addresses of all kinds, then asks for some of them. */
    private interface Work {
        List<String> addresses() throws Exception;

        void ask(String address) throws Exception;

        default List<String> run(int lists) throws Exception {
            List<String> all = addresses();
            for (String address : all.subList(0, lists)) {
                ask(address);
            }
            return all;
        }
    }

    private record Sharing(Cluster cluster) implements Work {
        @Override
        public List<String> addresses() throws KubeException {
            return cluster.discovery().snapshot().resources().stream()
                    .filter(it -> it.namespaced() && it.verbs().contains("list"))
                    .map(it -> it.path("shop"))
                    .toList();
        }

        @Override
        public void ask(String address) throws KubeException {
            cluster.get(Lane.BACKUP, address, Cluster.JSON);
        }
    }

    /** Takes a token of its own bucket before each request, as client-go does. */
    private record Alone(KubernetesClient client, Tokens tokens) implements Work {
        @Override
        public List<String> addresses() {
            List<String> groupVersions = new ArrayList<>(List.of("v1"));
            pass();
            for (APIGroup group : client.getApiGroups().getGroups()) {
                group.getVersions().stream()
                        .map(GroupVersionForDiscovery::getGroupVersion)
                        .forEach(groupVersions::add);
            }
            List<String> found = new ArrayList<>();
            for (String groupVersion : groupVersions) {
                pass();
                client.getApiResources(groupVersion).getResources().stream()
                        .filter(it -> it.getNamespaced() && !it.getName().contains("/"))
                        .filter(it -> it.getVerbs().contains("list"))
                        .map(APIResource::getName)
                        .forEach(it ->
                                found.add((groupVersion.equals("v1") ? "/api/" : "/apis/") + groupVersion + WORK + it));
            }
            return found;
        }

        @Override
        public void ask(String address) {
            pass();
            client.raw(address);
        }

        private void pass() {
            tokens.take(Lane.BACKUP, Duration.ofMinutes(2)).join();
        }
    }

    /** All processes at once. */
    private static void backup(OneProcess process) throws Exception {
        List<Future<List<String>>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            SCRIPT.forEach((name, lists) -> {
                Callable<List<String>> run = () -> process.run(name, lists);
                all.add(threads.submit(run));
            });
        }
        for (Future<List<String>> one : all) {
            assertThat(one.get(1, TimeUnit.SECONDS))
                    .containsExactlyElementsOf(all.getFirst().get());
        }
    }

    private interface OneProcess {
        List<String> run(String name, int lists) throws Exception;
    }

    /** Each process for itself. */
    void apart(Budget each) throws Exception {
        backup((_, lists) -> {
            ScheduledExecutorService timer = Waits.timer("apart");
            try (KubernetesClient client = new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
                    .build()) {
                return new Alone(client, new TokenBucket(each, System::nanoTime, timer).account("alone", 100))
                        .run(lists);
            } finally {
                timer.shutdownNow();
            }
        });
    }

    /** An agent that knows nothing yet, and its children. */
    void together(Budget all) throws Exception {
        Path own = Files.createTempDirectory(directory, "own");
        KubeRig.Config config = KubeRig.Config.of(all.qps(), all.burst(), kubeconfig);
        try (KubeRig rig = new KubeRig(own, config, KubeObserver.NONE)) {
            backup((name, lists) -> {
                if (name.equals(Kube.AGENT)) {
                    return new Sharing(rig.kube).run(lists);
                }
                try (KubeChild child = KubeChild.connect(rig.kube.childEnvironment(name), name)) {
                    return new Sharing(child).run(lists);
                }
            });
        }
    }
}
