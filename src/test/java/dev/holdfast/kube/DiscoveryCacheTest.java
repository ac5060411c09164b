package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.config.KubeConfig;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.WithDefault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscoveryCacheTest {
    @TempDir
    Path directory;

    private final dev.holdfast.testing.ManualTime time = new dev.holdfast.testing.ManualTime();
    private final List<DiscoveryCache> caches = new ArrayList<>();

    private DiscoveryCache cache(KubeRig rig, @Nullable Path file) {
        DiscoveryCache made = new DiscoveryCache(
                (path, headers) -> rig.kube.discoverySource().get(path, headers),
                file == null ? null : new DiscoveryFile(file, "stub"),
                time,
                Duration.ofMinutes(5),
                KubeObserver.NONE);
        caches.add(made);
        return made;
    }

    @AfterEach
    void close() {
        caches.forEach(DiscoveryCache::close);
    }

    /** A rig whose own discovery is over and forgotten. */
    private static KubeRig quiet(StubApiServer server) throws Exception {
        KubeRig rig = KubeRig.at(server, 1000, 1000);
        KubeRig.await("discovery", Duration.ofSeconds(60), () -> known(rig));
        server.forget();
        return rig;
    }

    private static boolean known(KubeRig rig) {
        try {
            return rig.kube.discovery().known() != null;
        } catch (KubeException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_hundred_groups_cost_two_requests_and_an_unchanged_renewal_no_body() throws Exception {
        try (StubApiServer server = new StubApiServer(100);
                KubeRig rig = quiet(server)) {
            server.latency = Duration.ofMillis(5);
            DiscoveryCache cache = cache(rig, null);
            long from = System.nanoTime();
            DiscoverySnapshot snapshot = cache.snapshot();
            Measured.say(
                    "discovery cold, 100 groups/%d GV, RTT 5 ms: %d requests, %d ms",
                    snapshot.groupVersions().size(),
                    server.discoveryRequests(),
                    Duration.ofNanos(System.nanoTime() - from).toMillis());

            assertThat(server.discoveryRequests()).isEqualTo(2);
            assertThat(snapshot.groupVersions()).hasSize(126);
            assertThat(snapshot.resources()).hasSize(5 + 125 * 4);
            assertThat(snapshot.find("", "thing1").orElseThrow().group()).isEmpty();
            assertThat(snapshot.find("g4.example.com", "Thing1").orElseThrow().version())
                    .isEqualTo("v1");
            assertThat(snapshot.find("", "things2.g7.example.com").orElseThrow().path("x"))
                    .isEqualTo("/apis/g7.example.com/v1/namespaces/x/things2");

            server.forget();
            time.pass(Duration.ofMinutes(6));
            cache.refresh().get();
            Measured.say(
                    "discovery renewal unchanged: %d requests, %d body bytes",
                    server.discoveryRequests(), server.bodyBytes());
            assertThat(server.discoveryRequests()).isEqualTo(2);
            assertThat(server.bodyBytes()).isZero();
            assertThat(cache.snapshot().generation()).isEqualTo(snapshot.generation());
            assertThat(cache.snapshot().fetched()).isEqualTo(time.instant());
        }
    }

    /** One round after the other as the agent has them by default, and somebody who asks every half minute. */
    @Test
    void an_hour_of_an_unchanged_cluster_costs_twenty_four_requests_and_no_body() throws Exception {
        String text = KubeConfig.class
                .getMethod("discoveryRefresh")
                .getAnnotation(WithDefault.class)
                .value();
        Duration round = DurationConverter.parseDuration(text);
        try (StubApiServer server = new StubApiServer(100);
                KubeRig rig = quiet(server)) {
            DiscoveryCache cache = cache(rig, null);
            long generation = cache.snapshot().generation();
            server.forget();
            Duration passed = Duration.ZERO;
            while (passed.compareTo(Duration.ofHours(1)) < 0) {
                time.pass(Duration.ofSeconds(30));
                passed = passed.plusSeconds(30);
                if (passed.toSeconds() % round.toSeconds() == 0) {
                    cache.refresh().get();
                }
                assertThat(cache.snapshot().generation()).isEqualTo(generation);
            }
            Measured.say(
                    "an hour at a round of %s: %d requests, %d body bytes",
                    text, server.discoveryRequests(), server.bodyBytes());
            assertThat(server.discoveryRequests()).isEqualTo(24);
            assertThat(server.bodyBytes()).as("all are answered 304").isZero();
        }
    }

    @Test
    void many_who_ask_at_once_share_one_renewal() throws Exception {
        try (StubApiServer server = new StubApiServer(10);
                KubeRig rig = quiet(server);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            server.latency = Duration.ofMillis(50);
            DiscoveryCache cache = cache(rig, null);
            List<CompletableFuture<DiscoverySnapshot>> answers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                answers.add(CompletableFuture.supplyAsync(() -> snapshot(cache), threads));
            }
            for (CompletableFuture<DiscoverySnapshot> answer : answers) {
                assertThat(answer.get().groupVersions()).hasSize(14);
            }
            assertThat(server.discoveryRequests()).isEqualTo(2);
        }
    }

    private static DiscoverySnapshot snapshot(DiscoveryCache cache) {
        try {
            return cache.snapshot();
        } catch (KubeException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void what_is_old_is_answered_at_once_and_renewed_behind() throws Exception {
        try (StubApiServer server = new StubApiServer(10);
                KubeRig rig = quiet(server)) {
            DiscoveryCache cache = cache(rig, null);
            long generation = cache.snapshot().generation();
            server.groups = 11;
            server.latency = Duration.ofSeconds(2);
            time.pass(Duration.ofMinutes(6));

            long from = System.nanoTime();
            assertThat(cache.snapshot().generation()).isEqualTo(generation);
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofMillis(1500));
            KubeRig.await(
                    "the new one", Duration.ofSeconds(10), () -> snapshot(cache).generation() > generation);
            assertThat(cache.snapshot().find("g10.example.com", "things1")).isPresent();
        }
    }

    @Test
    void a_server_that_is_away_leaves_what_was_known_for_an_hour() throws Exception {
        try (StubApiServer server = new StubApiServer(10);
                KubeRig rig = quiet(server)) {
            DiscoveryCache cache = cache(rig, null);
            cache.snapshot();
            server.script = exchange -> {
                exchange.sendResponseHeaders(404, -1);
                return true;
            };
            time.pass(Duration.ofMinutes(59));
            assertThat(cache.snapshot().groupVersions()).hasSize(14);
            time.pass(Duration.ofMinutes(2));
            assertThatThrownBy(cache::snapshot)
                    .isInstanceOf(KubeException.class)
                    .hasMessageContaining("/api");
        }
    }

    @Test
    void a_hundred_misses_ask_the_server_once_in_ten_seconds() throws Exception {
        try (StubApiServer server = new StubApiServer(10);
                KubeRig rig = quiet(server)) {
            DiscoveryCache cache = cache(rig, null);
            cache.snapshot();
            server.forget();
            for (int i = 0; i < 100; i++) {
                assertThat(cache.refreshed().find("", "nonsense")).isEmpty();
            }
            Measured.say("100 lookups of an unknown kind: %d requests", server.discoveryRequests());
            assertThat(server.discoveryRequests()).isEqualTo(2);
            time.pass(Duration.ofSeconds(11));
            cache.refreshed();
            assertThat(server.discoveryRequests()).isEqualTo(4);
        }
    }

    @Test
    void a_dead_group_keeps_its_resources_and_is_reported() throws Exception {
        try (StubApiServer server = new StubApiServer(10);
                KubeRig rig = quiet(server)) {
            DiscoveryCache cache = cache(rig, null);
            cache.snapshot();
            server.stale("g4.example.com", true);
            DiscoverySnapshot snapshot = cache.refresh().get().snapshot();

            assertThat(snapshot.staleGroupVersions()).containsExactly("g4.example.com/v1", "g4.example.com/v1beta1");
            assertThat(snapshot.find("g4.example.com", "things1")).isPresent();
            assertThat(snapshot.resources()).hasSize(5 + 13 * 4);
            server.stale("g4.example.com", false);
            assertThat(cache.refresh().get().snapshot().staleGroupVersions()).isEmpty();
        }
    }

    @Test
    void an_old_server_is_asked_group_by_group_with_the_same_result() throws Exception {
        try (StubApiServer server = new StubApiServer(40);
                KubeRig rig = quiet(server)) {
            DiscoverySnapshot aggregated = cache(rig, null).snapshot();
            server.legacy = true;
            server.latency = Duration.ofMillis(20);
            server.forget();
            DiscoveryCache old = cache(rig, null);
            DiscoverySnapshot snapshot = old.snapshot();

            assertThat(snapshot.resources()).isEqualTo(aggregated.resources());
            assertThat(server.discoveryRequests()).isEqualTo(2 + 2 + 51);
            assertThat(server.inFlightMax()).isBetween(2, 16);

            server.stale("g4.example.com", true);
            DiscoverySnapshot later = old.refresh().get().snapshot();
            assertThat(later.staleGroupVersions()).containsExactly("g4.example.com/v1", "g4.example.com/v1beta1");
            assertThat(later.find("g4.example.com", "things1")).isPresent();
        }
    }

    @Test
    void the_last_one_is_on_disk_for_the_next_start() throws Exception {
        Path file = directory.resolve("discovery.cache");
        try (StubApiServer server = new StubApiServer(10);
                KubeRig rig = quiet(server)) {
            DiscoverySnapshot first = cache(rig, file).snapshot();
            KubeRig.await("the file", Duration.ofSeconds(10), () -> Files.exists(file));
            server.forget();

            assertThat(cache(rig, file).snapshot()).isEqualTo(first);
            assertThat(server.discoveryRequests()).isZero();
            DiscoveryCache warm = cache(rig, file);
            warm.refresh().get();
            assertThat(server.bodyBytes()).isZero();
            assertThat(new DiscoveryFile(file, "another server").read()).isEmpty();

            byte[] content = Files.readAllBytes(file);
            content[content.length / 2] ^= 1;
            Files.write(file, content);
            assertThat(cache(rig, file).snapshot().resources()).isEqualTo(first.resources());
        }
    }

    @Test
    void an_error_in_one_renewal_does_not_end_all_that_follow() throws Exception {
        try (StubApiServer server = new StubApiServer(10);
                KubeRig rig = quiet(server)) {
            AtomicBoolean once = new AtomicBoolean(true);
            DiscoveryCache.Source failing = (path, headers) -> {
                if (once.getAndSet(false)) {
                    throw new OutOfMemoryError("played");
                }
                return rig.kube.discoverySource().get(path, headers);
            };
            DiscoveryCache cache = new DiscoveryCache(failing, null, time, Duration.ofMinutes(5), KubeObserver.NONE);

            assertThatThrownBy(cache::snapshot).isInstanceOf(KubeException.class);
            assertThat(cache.snapshot().resources()).isNotEmpty();
        }
    }

    @Test
    void a_snapshot_survives_being_sent_to_a_child() throws Exception {
        try (StubApiServer server = new StubApiServer(30);
                KubeRig rig = quiet(server)) {
            DiscoverySnapshot snapshot = cache(rig, null).snapshot().at(7, Instant.parse("2026-01-02T03:04:05Z"));

            assertThat(SnapshotJson.read(SnapshotJson.write(snapshot))).isEqualTo(snapshot);
        }
    }
}
