package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SpreadTest {
    private static final Duration ROUND = Duration.ofMinutes(5);

    @Test
    void a_seed_always_has_the_same_place() {
        assertThat(Spread.within(ROUND, 7)).isEqualTo(Spread.within(ROUND, 7));
        assertThat(Spread.within(ROUND, 8)).isNotEqualTo(Spread.within(ROUND, 7));
    }

    @Test
    void a_thousand_nodes_ask_within_a_tenth_before_and_after_the_middle_and_few_at_once() {
        List<Duration> places = LongStream.range(0, 1000)
                .mapToObj(seed -> Spread.within(ROUND, seed))
                .toList();
        Map<Long, Long> bySecond =
                places.stream().collect(Collectors.groupingBy(Duration::toSeconds, Collectors.counting()));
        long most = bySecond.values().stream().mapToLong(it -> it).max().orElseThrow();
        Measured.say("1000 nodes started at once: at most %d of them ask for discovery in one second", most);

        assertThat(places).allMatch(it -> !it.isNegative() && it.compareTo(Duration.ofSeconds(60)) < 0);
        assertThat(bySecond).hasSize(60);
        assertThat(most).isLessThan(40);
    }

    @Test
    void a_round_asks_the_server_once_its_place_has_come() throws Exception {
        Path directory = Files.createTempDirectory("hk");
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = new KubeRig(directory, soon(server.kubeconfig(directory)), KubeObserver.NONE)) {
            rig.kube.discovery().snapshot();
            KubeRig.await("the first time", Duration.ofSeconds(20), () -> server.discoveryRequests() == 2);
            rig.kube.revalidate();
            KubeRig.await("the second time", Duration.ofSeconds(20), () -> server.discoveryRequests() == 4);
        }
    }

    private static KubeRig.Config soon(Path kubeconfig) {
        return new KubeRig.Config(
                100,
                100,
                Optional.empty(),
                false,
                Optional.empty(),
                32,
                Optional.of(kubeconfig),
                Duration.ofSeconds(1));
    }
}
