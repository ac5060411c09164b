package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.config.Budget;
import dev.holdfast.kube.ScriptedBackup.Cost;
import dev.holdfast.testing.Needs;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What budget and discovery do to a real API server with a hundred groups more than its own, by its audit log. */
@Needs(KubeExecutables.class)
class RealBudgetTest {
    /** Whether all figures are measured with processes, and for as long as they are promised for. */
    private static final boolean SOAK = Boolean.getBoolean("holdfast.soak");

    private static final int GROUPS = 100;
    private static final String AGENT = "holdfast";
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private static @Nullable RealCluster started;

    @TempDir
    private Path directory;

    private RealCluster cluster;

    /** Not before all: tests that are skipped need none. */
    @BeforeEach
    void start() throws Exception {
        if (started == null) {
            started = RealCluster.start();
            cluster = started;
            try (KubeRig unlimited = rig(Budget.OFF, GROUPS)) {
                Widgets.define(unlimited, GROUPS);
                Widgets.awaitKnown(unlimited, GROUPS);
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

    private KubeRig rig(double qps, int burst) throws IOException, KubeException {
        return new KubeRig(
                Files.createTempDirectory("hk"),
                KubeRig.Config.of(qps, burst, cluster.kubeconfig()),
                KubeObserver.NONE);
    }

    @Test
    void an_agent_that_knows_nothing_discovers_a_hundred_groups_with_three_requests_at_most() throws Exception {
        Instant from = Instant.now();
        long begun = System.nanoTime();
        try (KubeRig rig = rig(100, 100)) {
            DiscoverySnapshot snapshot = rig.kube.discovery().snapshot();
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            List<JsonNode> asked = cluster.arrived(AGENT, from).stream()
                    .filter(it -> RealCluster.discovery(it)
                            || it.path("requestURI").asText().startsWith("/version"))
                    .toList();

            Measured.say(
                    "real server: discovery from nothing: %d requests, %d ms; %d resources in %d group versions",
                    asked.size(),
                    took.toMillis(),
                    snapshot.resources().size(),
                    snapshot.groupVersions().size());
            assertThat(asked).hasSizeBetween(1, 3).allSatisfy(it -> assertThat(RealCluster.status(it))
                    .isEqualTo(200));
            assertThat(snapshot.groupVersions()).hasSizeGreaterThan(GROUPS);
            for (int i = 0; i < GROUPS; i++) {
                assertThat(snapshot.find("g" + i + ".example.com", "Widget")).isPresent();
            }
        }
    }

    @Test
    void processes_that_share_ask_a_third_less_and_hardly_discover() throws Exception {
        ScriptedBackup backup = new ScriptedBackup(cluster.kubeconfig(), directory);
        Cost apart = cost(() -> backup.apart(Budget.BUILT_IN));
        Cost together = cost(() -> backup.together(Budget.BUILT_IN));

        Measured.say(
                "real server: scripted backup, 6 processes at %s: apart %d requests (discovery %d) in %d ms;"
                        + " together %d (discovery %d) in %d ms",
                Budget.BUILT_IN,
                apart.requests(),
                apart.discovery(),
                apart.took().toMillis(),
                together.requests(),
                together.discovery(),
                together.took().toMillis());
        assertThat(apart.work()).isEqualTo(ScriptedBackup.work());
        assertThat(together.work()).isEqualTo(ScriptedBackup.work());
        assertThat(together.requests()).isLessThanOrEqualTo(apart.requests() * 70 / 100);
        assertThat(together.discovery()).isLessThanOrEqualTo(apart.discovery() * 5 / 100);
    }

    private Cost cost(ScriptedBackup.Way way) throws Exception {
        Instant from = Instant.now();
        way.run();
        Duration took = Duration.between(from, Instant.now());
        List<JsonNode> asked = cluster.arrived("", from);
        return new Cost(
                asked.size(),
                asked.stream().filter(RealCluster::discovery).count(),
                asked.stream()
                        .filter(it -> it.path("requestURI").asText().contains(ScriptedBackup.WORK))
                        .filter(it -> RealCluster.status(it) == 200)
                        .count(),
                took);
    }

    /** Begins with a full bucket, and all of them with more to ask than they may. */
    @ParameterizedTest
    @MethodSource("dev.holdfast.kube.SharingTest#budgets")
    void an_agent_and_four_children_together_keep_to_the_budget(double qps, int burst) throws Exception {
        Duration time = Duration.ofSeconds(10);
        Path pause = directory.resolve("pause");
        List<AutoCloseable> busy = new ArrayList<>();
        try (KubeRig rig = rig(100, 100)) {
            rig.kube.discovery().snapshot();
            Instant begun = Instant.now();
            try {
                for (int i = 0; i < 4; i++) {
                    busy.add(child(rig, "child" + i, pause));
                }
                busy.add(BusyChild.start(rig.kube, "agent", pause));
                KubeRig.await("all are warm", Duration.ofSeconds(60), () -> {
                    List<JsonNode> all = busy(begun);
                    return IntStream.range(0, 4).allMatch(i -> of(all, "child" + i) > 20);
                });
                Files.createFile(pause);
                // Not before those that wait have been let through, and a second after the last of them.
                KubeRig.await(
                        "a full bucket",
                        Duration.ofSeconds(60),
                        () -> rig.kube.bucket().tokens() > 99.9);
                rig.kube.settings().change(BudgetSource.LIVE, new BudgetSettings.Layer(qps, (double) burst));
                KubeRig.await(
                        "one of this size",
                        Duration.ofSeconds(60),
                        () -> rig.kube.pace().burst() == burst
                                && rig.kube.bucket().tokens() > burst - 0.1);
                Instant from = Instant.now();
                Files.delete(pause);
                Thread.sleep(time); // What is let through in this time is what is measured.
                Instant to = from.plus(time);
                KubeRig.await("the last of them is answered", Duration.ofSeconds(20), () -> !busy(to.plusMillis(200))
                        .isEmpty());
                say(qps, burst, from, to);
            } finally {
                for (AutoCloseable one : busy) {
                    one.close();
                }
            }
        }
    }

    private void say(double qps, int burst, Instant from, Instant to) throws IOException {
        List<JsonNode> all = cluster.arrived(AGENT, from).stream()
                .filter(it -> RealCluster.arrival(it).isBefore(to))
                .toList();
        long[] each = LongStream.range(0, 4).map(i -> of(all, "child" + i)).toArray();
        double allowed = burst + qps * Duration.between(from, to).toSeconds();
        Measured.say(
                "real server: shared %s/%d, agent and 4 children, %d s: %d arrived, %.1f %% of %.0f; each child %s",
                qps,
                burst,
                Duration.between(from, to).toSeconds(),
                all.size(),
                100 * all.size() / allowed,
                allowed,
                java.util.Arrays.toString(each));
        assertThat((double) all.size()).isBetween(allowed * 0.97 - 2, allowed * 1.01);
    }

    /** The server knows nothing there: it answers 404, which costs it little, and writes it down as everything else. */
    private List<JsonNode> busy(Instant from) {
        try {
            return cluster.arrived(AGENT, from).stream()
                    .filter(it -> asks(it, ""))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static long of(List<JsonNode> events, String name) {
        return events.stream().filter(it -> asks(it, name)).count();
    }

    private static boolean asks(JsonNode event, String name) {
        return event.path("requestURI").asText().startsWith("/busy/" + name);
    }

    private static AutoCloseable child(KubeRig rig, String name, Path pause) throws IOException {
        return SOAK
                ? ChildProcess.start(BusyChild.class, rig.kube.childEnvironment(name), name, pause + "")
                : BusyChild.start(rig.kube.childEnvironment(name), name, pause);
    }

    @Test
    void what_the_server_refuses_is_asked_again_when_the_server_says() throws Exception {
        Refusals refusals = new Refusals();
        try (KubeRig admin = rig(100, 100);
                KubeRig rig = new KubeRig(
                        Files.createTempDirectory("hk"),
                        KubeRig.Config.of(100, 100, cluster.kubeconfigForObjects()),
                        refusals)) {
            Instant from = Instant.now();
            CompletableFuture<?> list;
            CompletableFuture<?> create;
            try (Occupied _ = new Occupied(admin, rig)) {
                list = async(() -> rig.kube.get(Lane.BACKUP, MAPS, Cluster.JSON));
                create = async(() -> rig.kube
                        .client(Lane.BACKUP)
                        .resource(new ConfigMapBuilder()
                                .withNewMetadata()
                                .withName("late")
                                .withNamespace("default")
                                .endMetadata()
                                .build())
                        .create());
                KubeRig.await(
                        "two refusals of each",
                        Duration.ofSeconds(20),
                        () -> refusals.of("list") >= 2 && refusals.of("create") >= 2);
            }
            list.get(20, TimeUnit.SECONDS);
            create.get(20, TimeUnit.SECONDS);

            List<JsonNode> lists = maps(from, "list");
            List<JsonNode> creates = maps(from, "create");
            Measured.say(
                    "real server: 429 with Retry-After: 1: list answered %s, asked again after %s ms; create answered"
                            + " %s, asked again after %s ms",
                    statuses(lists), gaps(lists), statuses(creates), gaps(creates));
            assertThat(statuses(lists)).containsOnly(429, 200).endsWith(429, 200);
            assertThat(statuses(creates)).containsOnly(429, 201).endsWith(429, 201);
            for (List<JsonNode> asked : List.of(lists, creates)) {
                assertThat(asked).hasSizeBetween(3, 4);
                assertThat(gaps(asked)).allSatisfy(gap -> assertThat(gap).isBetween(1000L, 1600L));
            }
        }
    }

    private List<JsonNode> maps(Instant from, String verb) throws IOException {
        return cluster.arrived(AGENT, from).stream()
                .filter(it -> it.path("requestURI").asText().startsWith(MAPS))
                .filter(it -> it.path("verb").asText().equals(verb))
                .toList();
    }

    private static List<Integer> statuses(List<JsonNode> asked) {
        return asked.stream().map(RealCluster::status).toList();
    }

    private static List<Long> gaps(List<JsonNode> asked) {
        return IntStream.range(1, asked.size())
                .mapToObj(
                        i -> Duration.between(RealCluster.arrival(asked.get(i - 1)), RealCluster.arrival(asked.get(i)))
                                .toMillis())
                .toList();
    }

    private interface Asking {
        Object ask() throws Exception;
    }

    private static CompletableFuture<?> async(Asking asking) {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                answer.complete(asking.ask());
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    /** Counts answers of 429 by what was asked for. */
    private static final class Refusals implements KubeObserver {
        private final ConcurrentLinkedQueue<String> verbs = new ConcurrentLinkedQueue<>();

        @Override
        public void answered(String child, String verb, int status, Duration took) {
            if (status == 429) {
                verbs.add(verb);
            }
        }

        long of(String verb) {
            return verbs.stream().filter(verb::equals).count();
        }
    }
}
