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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a backup costs the API server and how long it takes, when all processes of a node share budget and discovery,
 * and when each has its own limit and discovers for itself with fabric8's client as it comes. Both do the same work,
 * counted by the stub.
 */
@Timeout(120)
class BackupCostTest {
    /** Whether those apart go at 5/10, the default of client-go, which takes half a minute. */
    private static final boolean SOAK = Boolean.getBoolean("holdfast.soak");

    private static final Duration TOGETHER_MAX = Duration.ofSeconds(3);
    private static final int GROUPS = 100; // 126 group versions with the core group's.

    /** How many lists each process asks for. */
    private static final Map<String, Integer> SCRIPT = script();

    @TempDir
    Path directory;

    private static Map<String, Integer> script() {
        Map<String, Integer> script = new LinkedHashMap<>();
        script.put(Kube.AGENT, 20);
        List.of("plugin-a", "plugin-b", "plugin-c", "mover-a", "mover-b").forEach(it -> script.put(it, 10));
        return script;
    }

    /** @param work requests that are what the backup is for */
    private record Cost(long requests, long discovery, long work, Duration took) {}

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
                    .filter(ApiResource::namespaced)
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
                        .map(APIResource::getName)
                        .forEach(it -> found.add((groupVersion.equals("v1") ? "/api/" : "/apis/") + groupVersion
                                + "/namespaces/shop/" + it));
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

    private static Cost cost(StubApiServer server, Backup backup) throws Exception {
        server.forget();
        long from = System.nanoTime();
        backup.run();
        Duration took = Duration.ofNanos(System.nanoTime() - from);
        return new Cost(
                server.seen().size(),
                server.discoveryRequests(),
                server.seen().stream()
                        .filter(it -> it.path().contains("/namespaces/shop/"))
                        .count(),
                took);
    }

    private interface Backup {
        void run() throws Exception;
    }

    private interface OneProcess {
        List<String> run(String name, int lists) throws Exception;
    }

    private void apart(StubApiServer server, Budget each) throws Exception {
        Path kubeconfig = server.kubeconfig(directory);
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

    private void together(StubApiServer server, Budget all) throws Exception {
        Path own = Files.createTempDirectory(directory, "own");
        KubeRig.Config config = KubeRig.Config.of(all.qps(), all.burst(), server.kubeconfig(own));
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

    @Test
    void processes_that_share_ask_a_third_less_and_hardly_discover() throws Exception {
        Budget slow = SOAK ? new Budget(5, 10) : new Budget(100, 100);
        int work = SCRIPT.values().stream().mapToInt(Integer::intValue).sum();
        try (StubApiServer server = new StubApiServer(GROUPS)) {
            server.latency = Duration.ofMillis(5);
            Cost apart = cost(server, () -> apart(server, slow));
            Cost together = cost(server, () -> together(server, Budget.BUILT_IN));
            // What is loaded once takes its time, and the machine may be busy with other things.
            for (int again = 0; again < 2 && together.took().compareTo(TOGETHER_MAX) > 0; again++) {
                together = cost(server, () -> together(server, Budget.BUILT_IN));
            }
            Measured.say(
                    "scripted backup, 6 processes: apart at %s %d requests (discovery %d) in %d ms;"
                            + " together at %s %d (discovery %d) in %d ms",
                    slow,
                    apart.requests(),
                    apart.discovery(),
                    apart.took().toMillis(),
                    Budget.BUILT_IN,
                    together.requests(),
                    together.discovery(),
                    together.took().toMillis());

            assertThat(apart.work()).isEqualTo(work);
            assertThat(together.work()).isEqualTo(work);
            assertThat(together.requests()).isLessThanOrEqualTo(apart.requests() * 70 / 100);
            assertThat(together.discovery()).isLessThanOrEqualTo(apart.discovery() * 5 / 100);
            assertThat(together.took()).isLessThanOrEqualTo(TOGETHER_MAX);
            if (SOAK) {
                assertThat(apart.took()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(40));
            }
        }
    }
}
