package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.config.Budget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One budget for several processes, counted at the server. */
class SharingTest {
    private static final long SECOND = 1_000_000_000L;

    /** Whether all figures are measured as long as they are promised for. */
    private static final boolean SOAK = Boolean.getBoolean("holdfast.soak");

    private static final int IN_FLIGHT = 32;

    @TempDir
    Path directory;

    private static long between(StubApiServer server, String prefix, long from, long to) {
        return server.seen().stream()
                .filter(it -> it.path().startsWith(prefix))
                .filter(it -> it.nanos() >= from && it.nanos() < to)
                .count();
    }

    static Stream<Arguments> budgets() {
        return SOAK
                ? Stream.of(arguments(100, 100), arguments(20, 30), arguments(5, 10))
                : Stream.of(arguments(100, 100));
    }

    /** All begin with a full bucket, each with as many requests as it may have on their way, and more behind them. */
    @ParameterizedTest
    @MethodSource("budgets")
    void an_agent_and_four_children_together_keep_to_the_budget(double qps, int burst) throws Exception {
        int seconds = 10;
        CountDownLatch held = new CountDownLatch(1);
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 500, 500)) {
            List<AutoCloseable> busy = new ArrayList<>();
            try {
                for (int i = 0; i < 4; i++) {
                    busy.add(busy(rig, "child" + i));
                }
                busy.add(BusyChild.start(rig.kube, "agent", null));
                KubeRig.await("all are warm", Duration.ofSeconds(60), () -> IntStream.range(0, 4)
                        .allMatch(i -> server.seen("/busy/child" + i).size() > (SOAK ? 300 : 50)));
                server.script = _ -> {
                    awaitQuietly(held);
                    return false;
                };
                rig.kube.settings().change(BudgetSource.LIVE, new BudgetSettings.Layer(qps, (double) burst));
                // What was let through before is at the server, before the bucket fills and the server forgets.
                KubeRig.await("as many as may be", Duration.ofSeconds(60), () -> server.inFlight() >= 5 * IN_FLIGHT);
                KubeRig.await(
                        "a full bucket",
                        Duration.ofSeconds(60),
                        () -> rig.kube.bucket().tokens() > burst - 0.1);
                server.forget();
                long from = System.nanoTime();
                held.countDown();
                Thread.sleep(seconds * 1000L); // What is let through in this time is what is measured.
                long to = from + seconds * SECOND;
                long all = between(server, "/busy/", from, to);
                long shared = from + SECOND; // What a full bucket holds is for those who come first.
                long[] each = LongStream.range(0, 4)
                        .map(i -> between(server, "/busy/child" + i, shared, to))
                        .toArray();
                double allowed = burst + qps * seconds;
                Measured.say(
                        "shared %s/%d, agent and 4 children, %d s: %d admitted, %.1f %% of %.0f; each child then %s",
                        qps, burst, seconds, all, 100 * all / allowed, allowed, java.util.Arrays.toString(each));

                assertThat((double) all).isLessThanOrEqualTo(allowed * 1.01);
                assertThat((double) all).isGreaterThanOrEqualTo(allowed * 0.97 - 2);
                for (long one : each) {
                    assertThat(one * 100.0 / LongStream.of(each).sum()).isBetween(20.0, 30.0);
                }
            } finally {
                held.countDown();
                for (AutoCloseable one : busy) {
                    one.close();
                }
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Four processes take a while to start; for most runs connections of their own are enough. */
    private static AutoCloseable busy(KubeRig rig, String name) throws IOException {
        Map<String, String> environment = rig.kube.childEnvironment(name);
        return SOAK ? ChildProcess.start(BusyChild.class, environment, name) : BusyChild.start(environment, name, null);
    }

    @Test
    void without_the_agent_children_go_on_slowly_and_come_back() throws Exception {
        try (StubApiServer server = new StubApiServer(1)) {
            Path kubeconfig = server.kubeconfig(directory);
            String[] agent = {directory.toString(), kubeconfig.toString(), "80", "80"};
            Map<String, String> environment = Map.of(
                    ChildSettings.SOCKET,
                    directory.resolve("run/agent.sock").toString(),
                    ChildSettings.KUBECONFIG,
                    kubeconfig.toString(),
                    ChildSettings.QPS,
                    "80",
                    ChildSettings.BURST,
                    "80");
            ChildProcess first = ChildProcess.start(AgentStandIn.class, Map.of(), agent);
            try (ChildProcess _ = ChildProcess.start(BusyChild.class, environment, "a")) {
                KubeRig.await("the full rate", Duration.ofSeconds(20), () -> {
                    long now = System.nanoTime();
                    return between(server, "/busy/", now - SECOND, now) > 60;
                });
                first.close();
                long killed = System.nanoTime();
                KubeRig.await(
                        "going on",
                        Duration.ofSeconds(5),
                        () -> between(server, "/busy/", killed + SECOND / 5, Long.MAX_VALUE) > 0);
                long resumed = System.nanoTime();
                KubeRig.await("some time", Duration.ofSeconds(5), () -> System.nanoTime() - killed > 3 * SECOND);
                long alone = between(server, "/busy/", killed + SECOND / 5, killed + 3 * SECOND);
                Measured.say(
                        "agent killed: child goes on after %d ms, then %d requests in 2.8 s (an eighth of 80/80"
                                + " allows 38)",
                        (resumed - killed) / 1_000_000, alone);
                assertThat(alone).isBetween(10L, 39L);

                try (ChildProcess _ = ChildProcess.start(AgentStandIn.class, Map.of(), agent)) {
                    long back = System.nanoTime();
                    KubeRig.await("the full rate again", Duration.ofSeconds(10), () -> {
                        long now = System.nanoTime();
                        return between(server, "/busy/", now - SECOND, now) > 60;
                    });
                    Measured.say(
                            "agent back: full rate seen after %d ms (window of 1 s)",
                            (System.nanoTime() - back) / 1_000_000);
                    assertThat(System.nanoTime() - back).isLessThan(4 * SECOND);
                }
            } finally {
                first.close();
            }
        }
    }

    @Test
    void a_live_change_reaches_children_within_a_second() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100);
                KubeChild child = KubeChild.connect(rig.kube.childEnvironment("a"), "a")) {
            assertThat(child.shares()).isTrue();
            long from = System.nanoTime();
            rig.kube.settings().change(BudgetSource.LIVE, new BudgetSettings.Layer(33.0, 44.0));

            KubeRig.await("the change", Duration.ofSeconds(1), () -> child.effective()
                    .budget()
                    .equals(new Budget(33, 44)));
            Measured.say("live change: known to a child after %d ms", (System.nanoTime() - from) / 1_000_000);
            assertThat(child.effective().source()).isEqualTo(BudgetSource.LIVE);
        }
    }

    @Test
    void without_the_agent_its_last_word_counts() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100);
                KubeChild child = KubeChild.connect(rig.kube.childEnvironment("a"), "a")) {
            Budget low = new Budget(8, 16);
            rig.kube.settings().change(BudgetSource.LIVE, new BudgetSettings.Layer(8.0, 16.0));
            KubeRig.await("the change", Duration.ofSeconds(10), () -> child.effective()
                    .budget()
                    .equals(low));
            rig.kube.close();
            KubeRig.await("the loss", Duration.ofSeconds(10), () -> !child.shares());
            assertThat(child.effective().budget()).isEqualTo(low);
        }
    }

    @Test
    void without_the_agent_the_shared_file_counts_where_it_would_in_the_agent() throws Exception {
        Path file = Files.writeString(directory.resolve("kube.properties"), shared(20, 30));
        Path agent = Files.createTempDirectory("hk");
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = new KubeRig(
                        agent,
                        KubeRig.Config.of(100, 100, server.kubeconfig(agent)).withFile(file),
                        KubeObserver.NONE);
                KubeChild child = KubeChild.connect(rig.kube.childEnvironment("a"), "a")) {
            rig.kube.settings().change(BudgetSource.LIVE, new BudgetSettings.Layer(null, 16.0));
            awaitBudget(child, new Budget(20, 16));
            rig.kube.close();
            KubeRig.await("the loss", Duration.ofSeconds(10), () -> !child.shares());
            awaitSource(child, BudgetSource.SHARED_FILE, BudgetSource.LIVE);
            assertThat(child.effective().budget()).isEqualTo(new Budget(20, 16));

            Files.writeString(file, shared(40, 60));
            awaitBudget(child, new Budget(40, 16));
            Files.delete(file);
            // Of the agent's last word, as there is no file any more.
            awaitBudget(child, new Budget(20, 16));
        }
    }

    private static String shared(int qps, int burst) {
        return "holdfast.kube.qps=" + qps + "\nholdfast.kube.burst=" + burst + "\n";
    }

    private static void awaitBudget(KubeChild child, Budget budget) throws InterruptedException {
        KubeRig.await(budget.toString(), Duration.ofSeconds(10), () -> child.effective()
                .budget()
                .equals(budget));
    }

    private static void awaitSource(KubeChild child, BudgetSource qps, BudgetSource burst) throws InterruptedException {
        KubeRig.await(
                "the sources",
                Duration.ofSeconds(10),
                () -> child.effective().qpsFrom() == qps && child.effective().burstFrom() == burst);
    }

    @Test
    void a_child_knows_what_the_agent_knows_and_asks_the_server_nothing() throws Exception {
        try (StubApiServer server = new StubApiServer(20);
                KubeRig rig = KubeRig.at(server, 100, 100);
                KubeChild child = KubeChild.connect(rig.kube.childEnvironment("a"), "a")) {
            DiscoverySnapshot known = rig.kube.discovery().snapshot();
            server.forget();

            assertThat(child.snapshot()).isEqualTo(known);
            assertThat(server.discoveryRequests()).isZero();
            server.groups = 21;
            rig.kube.discovery().refresh().get();
            KubeRig.await("word of the change", Duration.ofSeconds(5), () -> knows(child, "g20.example.com"));
            assertThat(server.discoveryRequests()).isEqualTo(2);
        }
    }

    private static boolean knows(KubeChild child, String group) {
        try {
            return child.snapshot().find(group, "things1").isPresent();
        } catch (KubeException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void without_an_agent_the_last_discovery_on_disk_serves() throws Exception {
        try (StubApiServer server = new StubApiServer(20)) {
            Map<String, String> environment;
            DiscoverySnapshot known;
            Path kept = directory.resolve("kept");
            try (KubeRig rig = KubeRig.at(server, 100, 100)) {
                known = rig.kube.discovery().snapshot();
                environment = new java.util.HashMap<>(rig.kube.childEnvironment("a"));
                Path file = Path.of(environment.get(ChildSettings.DISCOVERY));
                KubeRig.await("the file", Duration.ofSeconds(10), () -> Files.exists(file));
                Files.copy(file, kept);
            }
            environment.put(ChildSettings.DISCOVERY, kept.toString());
            environment.put(
                    ChildSettings.KUBECONFIG, server.kubeconfig(directory).toString());
            try (KubeChild child = KubeChild.connect(environment, "a")) {
                assertThat(child.shares()).isFalse();
                assertThat(child.snapshot()).isEqualTo(known);
            }
        }
    }

    @Test
    void the_server_s_logs_tell_the_agent_and_its_children_apart() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100);
                KubeChild child = KubeChild.connect(rig.kube.childEnvironment("plugin:a"), "x")) {
            rig.kube.get(Lane.BACKUP, "/version", Cluster.JSON);
            child.get(Lane.BACKUP, "/version", Cluster.JSON);
            assertThat(server.seen("/version"))
                    .extracting(StubApiServer.Seen::agent)
                    .containsExactly("holdfast/test (agent)", "holdfast/test (plugin:a)");
        }
    }

    @Test
    void only_the_agents_user_gets_at_the_socket() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100)) {
            Path socket = Path.of(rig.kube.childEnvironment("a").get(ChildSettings.SOCKET));

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())))
                    .isEqualTo("rwx------");
        }
    }

    private static long localNanos() {
        try (var timer = Waits.timer("test")) {
            TokenBucket.Account local =
                    new TokenBucket(new Budget(Budget.OFF, 1), System::nanoTime, timer).account("local", 100);
            long from = System.nanoTime();
            for (int i = 0; i < 1_000_000; i++) {
                local.take(Lane.BACKUP, Duration.ofSeconds(5));
            }
            return (System.nanoTime() - from) / 1_000_000;
        }
    }

    /** Four others ask as much as their shares allow, all the time; the one that is measured never has to wait. */
    @Test
    void a_token_over_the_socket_costs_microseconds_beside_four_busy_children() throws Exception {
        Path agent = Files.createTempDirectory("hk");
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = new KubeRig(
                        agent,
                        KubeRig.Config.of(10_000, 20_000, server.kubeconfig(agent))
                                .withShares("b0=1", "b1=1", "b2=1", "b3=1"),
                        KubeObserver.NONE);
                KubeChild child = KubeChild.connect(rig.kube.childEnvironment("a"), "a");
                AutoCloseable _ = busy(rig, "b0");
                AutoCloseable _ = busy(rig, "b1");
                AutoCloseable _ = busy(rig, "b2");
                AutoCloseable _ = busy(rig, "b3")) {
            // More than the burst of a share: from here on each of them waits for every token.
            KubeRig.await("all are busy", Duration.ofSeconds(60), () -> IntStream.range(0, 4)
                    .allMatch(i -> server.seen("/busy/b" + i).size() > 200));
            long[] took = new long[20_000];
            for (int i = 0; i < took.length; i++) {
                long from = System.nanoTime();
                // When the request would be sent: that happens on the thread that hears of the token.
                took[i] = child.tokens()
                        .take(Lane.BACKUP, Duration.ofSeconds(5))
                        .thenApply(_ -> System.nanoTime() - from)
                        .join();
            }
            long[] warm = java.util.Arrays.copyOfRange(took, took.length / 2, took.length);
            java.util.Arrays.sort(warm);
            long each = localNanos();
            Measured.say(
                    "token: local %d ns; over the socket beside 4 busy children p50 %d us, p99 %d us",
                    each, warm[warm.length / 2] / 1000, warm[warm.length * 99 / 100] / 1000);
            assertThat(each).isLessThan(20_000);
            assertThat(warm[warm.length / 2]).isLessThan(5_000_000L);
        }
    }
}
