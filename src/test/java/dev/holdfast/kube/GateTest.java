package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.holdfast.config.Budget;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The gate in front of fabric8's client, counted by a stub server. */
class GateTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private static List<CompletableFuture<HttpResponse<byte[]>>> gets(KubernetesClient client, int count) {
        HttpClient http = client.getHttpClient();
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(http.sendAsync(
                    http.newHttpRequestBuilder()
                            .uri(client.getMasterUrl() + MAPS.substring(1))
                            .build(),
                    byte[].class));
        }
        return answers;
    }

    private static void join(List<? extends CompletableFuture<?>> all) throws Exception {
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
    }

    private static boolean refuse(HttpExchange exchange, int status, @Nullable String retryAfter) throws IOException {
        if (retryAfter != null) {
            exchange.getResponseHeaders().set("Retry-After", retryAfter);
        }
        exchange.sendResponseHeaders(status, -1);
        return true;
    }

    @Test
    void three_hundred_requests_at_once_use_no_more_than_thirty_two_connections() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 10_000, 10_000)) {
            server.latency = Duration.ofMillis(20);
            KubernetesClient client = rig.kube.client(Lane.BACKUP);
            join(gets(client, 300));

            assertThat(server.seen(MAPS)).hasSize(300);
            assertThat(server.inFlightMax()).isBetween(8, 34); // Discovery has two of its own.
            assertThat(server.seen(MAPS).stream().map(StubApiServer.Seen::port).distinct())
                    .hasSizeLessThanOrEqualTo(32);
        }
    }

    @Test
    void the_server_says_how_long_to_wait_and_is_believed() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100)) {
            AtomicInteger asked = new AtomicInteger();
            server.script = exchange -> exchange.getRequestURI().getPath().equals(MAPS)
                    && asked.incrementAndGet() <= 2
                    && refuse(exchange, 429, "2");
            ConfigMapList list = rig.kube
                    .client(Lane.BACKUP)
                    .configMaps()
                    .inNamespace("default")
                    .list();

            assertThat(list.getItems()).isEmpty();
            assertThat(server.gaps(MAPS)).hasSize(2).allSatisfy(gap -> assertThat(gap)
                    .isBetween(Duration.ofMillis(1999), Duration.ofMillis(2500)));
        }
    }

    @Test
    void a_create_that_was_answered_500_is_sent_once() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100)) {
            server.script = exchange -> exchange.getRequestMethod().equals("POST") && refuse(exchange, 500, null);
            KubernetesClient client = rig.kube.client(Lane.BACKUP);
            var map = new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName("a")
                    .endMetadata()
                    .build();

            assertThatThrownBy(() -> client.configMaps()
                            .inNamespace("default")
                            .resource(map)
                            .create())
                    .isInstanceOf(KubernetesClientException.class);
            assertThat(server.seen(MAPS)).hasSize(1);
        }
    }

    @Test
    void a_read_that_was_answered_503_is_sent_again() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100)) {
            AtomicInteger asked = new AtomicInteger();
            server.script = exchange -> exchange.getRequestURI().getPath().equals(MAPS)
                    && asked.incrementAndGet() <= 3
                    && refuse(exchange, 503, null);

            assertThat(rig.kube.get(Lane.BACKUP, MAPS, Cluster.JSON).status()).isEqualTo(200);
            assertThat(server.seen(MAPS)).hasSize(4);
        }
    }

    @Test
    void what_the_server_refuses_says_what_was_tried_and_why() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100)) {
            server.script = exchange -> {
                if (!exchange.getRequestURI().getPath().equals(MAPS)) {
                    return false;
                }
                server.send(exchange, 403, "application/json", "{\"kind\":\"Status\",\"message\":\"you may not\"}");
                return true;
            };

            assertThatThrownBy(() -> rig.kube.get(Lane.BACKUP, MAPS, Cluster.JSON))
                    .isInstanceOfSatisfying(KubeException.class, e -> {
                        assertThat(e.code()).isEqualTo(KubeException.Code.FORBIDDEN);
                        assertThat(e).hasMessage("GET " + MAPS + ": status 403, you may not");
                    });
        }
    }

    @Test
    void a_higher_rate_is_in_force_for_two_hundred_that_wait_already() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 5, 10)) {
            KubeRig.await("discovery", Duration.ofSeconds(10), () -> known(rig));
            long from = System.nanoTime();
            var answers = gets(rig.kube.client(Lane.BACKUP), 200);
            Thread.sleep(1000); // The time of the change is what is measured.
            rig.kube.settings().change(BudgetSource.LIVE, new BudgetSettings.Layer(100.0, 100.0));
            join(answers);
            Duration took = Duration.ofNanos(System.nanoTime() - from);

            Measured.say("live change 5/10 -> 100/100 at 1 s, 200 queued: all done after %d ms", took.toMillis());
            assertThat(took).isLessThan(Duration.ofMillis(4500));
        }
    }

    @Test
    void a_lower_rate_is_in_force_within_a_second() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100)) {
            var answers = gets(rig.kube.client(Lane.BACKUP), 400);
            KubeRig.await(
                    "a hundred", Duration.ofSeconds(10), () -> server.seen(MAPS).size() > 100);
            rig.kube.settings().change(BudgetSource.LIVE, new BudgetSettings.Layer(5.0, 10.0));
            KubeRig.await("the lower one", Duration.ofSeconds(1), () -> rig.kube
                    .pace()
                    .equals(new Budget(5, 10)));
            int then = server.seen(MAPS).size();
            Thread.sleep(2000); // The rate over this time is what is measured.

            assertThat(server.seen(MAPS).size() - then).isBetween(5, 10 + 10 + 32);
            answers.forEach(it -> it.cancel(false));
        }
    }

    @Test
    void leases_are_in_time_while_the_gate_is_full() throws Exception {
        ConcurrentLinkedQueue<Long> waits = new ConcurrentLinkedQueue<>();
        KubeObserver lease = new KubeObserver() {
            @Override
            public void waited(String child, Lane lane, Duration waited, boolean gaveUp) {
                if (lane == Lane.LEASE) {
                    waits.add(gaveUp ? Long.MAX_VALUE : waited.toMillis());
                }
            }
        };
        Path directory = Files.createTempDirectory("hk");
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = new KubeRig(directory, KubeRig.Config.of(20, 20, server.kubeconfig(directory)), lease)) {
            var bulk = gets(rig.kube.client(Lane.BACKUP), 600);
            KubernetesClient leases = rig.kube.client(Lane.LEASE);
            for (int i = 0; i < 20; i++) {
                gets(leases, 1).getFirst().get(30, TimeUnit.SECONDS);
                Thread.sleep(50); // A renewal now and then.
            }
            List<Long> sorted = waits.stream().sorted().toList();

            Measured.say(
                    "lease under 600 queued: waits in the gate p50 %d ms, max %d ms", sorted.get(10), sorted.getLast());
            assertThat(sorted).hasSize(20);
            assertThat(sorted.getLast()).isLessThan(1000);
            bulk.forEach(it -> it.cancel(false));
        }
    }

    @Test
    void a_stream_is_read_no_faster_than_by_its_reader() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100)) {
            byte[] block = new byte[64 << 10];
            AtomicInteger blocks = new AtomicInteger();
            server.script = exchange -> {
                if (!exchange.getRequestURI().getPath().equals("/big")) {
                    return false;
                }
                exchange.sendResponseHeaders(200, 0);
                for (int i = 0; i < 3200; i++) { // 200 MiB
                    exchange.getResponseBody().write(block);
                    blocks.incrementAndGet();
                }
                return true;
            };
            try (InputStream in = rig.kube.open(Lane.BACKUP, "/big", "*/*")) {
                assertThat(in.read()).isZero();
                Thread.sleep(1000); // Time in which a sender without bounds would send it all.
                Measured.say("slow reader: server had sent %d KiB of 204800", blocks.get() * 64);
                assertThat(blocks.get()).isLessThan(1600);
                long all = 1;
                byte[] buffer = new byte[1 << 20];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    all += n;
                }
                assertThat(all).isEqualTo(200L << 20);
            }
        }
    }

    @Test
    void the_automatic_mode_goes_down_on_429_and_up_again() throws Exception {
        try (StubApiServer server = new StubApiServer(1)) {
            Path directory = Files.createTempDirectory("hk");
            try (KubeRig rig = new KubeRig(
                    directory,
                    KubeRig.Config.of(90, 90, server.kubeconfig(directory)).withAuto(),
                    KubeObserver.NONE)) {
                AtomicInteger refusals = new AtomicInteger(1);
                server.script = exchange -> exchange.getRequestURI().getPath().equals(MAPS)
                        && refusals.getAndDecrement() > 0
                        && refuse(exchange, 429, "1");
                rig.kube.get(Lane.BACKUP, MAPS, Cluster.JSON);

                assertThat(rig.kube.pace().qps()).isBetween(59.0, 65.0);
                assertThat(rig.kube.settings().effective().budget()).isEqualTo(new Budget(90, 90));
                KubeRig.await(
                        "more again",
                        Duration.ofSeconds(10),
                        () -> rig.kube.pace().qps() > 64);
            }
        }
    }

    private static boolean known(KubeRig rig) {
        try {
            return rig.kube.discovery().known() != null;
        } catch (KubeException e) {
            throw new AssertionError(e);
        }
    }
}
