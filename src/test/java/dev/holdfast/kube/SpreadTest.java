package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void nodes_wait_up_to_a_fifth_of_a_round() {
        Duration round = Duration.ofMinutes(5);
        assertThat(Spread.within(round, 0)).isZero();
        assertThat(Spread.within(round, 0.5)).isEqualTo(Duration.ofSeconds(30));
        assertThat(Spread.within(round, 1)).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void a_node_asks_the_server_once_its_place_has_come() throws Exception {
        Path directory = Files.createTempDirectory("hk");
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = new KubeRig(directory, every10s(server.kubeconfig(directory)), KubeObserver.NONE, 0.5)) {
            rig.kube.discovery().snapshot();
            KubeRig.await("the first time", Duration.ofSeconds(20), () -> server.discoveryRequests() == 2);
            long begun = System.nanoTime();
            rig.kube.revalidate();
            KubeRig.await("the second time", Duration.ofSeconds(20), () -> server.discoveryRequests() == 4);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        }
    }

    private static KubeRig.Config every10s(Path kubeconfig) {
        return new KubeRig.Config(
                100,
                100,
                Optional.empty(),
                false,
                Optional.empty(),
                32,
                Optional.of(kubeconfig),
                Duration.ofSeconds(10));
    }
}
