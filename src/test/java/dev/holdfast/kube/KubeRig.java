package dev.holdfast.kube;

import dev.holdfast.config.KubeConfig;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The agent's side of the package, without the rest of the agent. */
public final class KubeRig implements AutoCloseable {
    final Path directory;
    public final Kube kube;

    /** Settings of one agent; all others are the defaults. */
    public record Config(
            double qps,
            int burst,
            Optional<Path> file,
            boolean auto,
            Optional<List<String>> shares,
            int inFlightMax,
            Optional<Path> kubeconfig,
            Duration discoveryRefresh)
            implements KubeConfig {
        public static Config of(double qps, int burst, @Nullable Path kubeconfig) {
            return new Config(
                    qps,
                    burst,
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    32,
                    Optional.ofNullable(kubeconfig),
                    Duration.ofMinutes(5));
        }

        Config withFile(Path now) {
            return new Config(qps, burst, Optional.of(now), auto, shares, inFlightMax, kubeconfig, discoveryRefresh);
        }

        Config withAuto() {
            return new Config(qps, burst, file, true, shares, inFlightMax, kubeconfig, discoveryRefresh);
        }

        Config withShares(String... now) {
            return new Config(
                    qps, burst, file, auto, Optional.of(List.of(now)), inFlightMax, kubeconfig, discoveryRefresh);
        }
    }

    public KubeRig(Path directory, Config config, KubeObserver observer) throws IOException, KubeException {
        this(directory, config, observer, 0);
    }

    /** @param place in a round of discovery, 0 to 1 */
    KubeRig(Path directory, Config config, KubeObserver observer, double place) throws IOException, KubeException {
        this.directory = directory;
        this.kube = new Kube(config, new KubernetesSerialization(), place);
        Path state = Files.createDirectories(directory.resolve("state"));
        BudgetSettings.Layer layer = new BudgetSettings.Layer(config.qps(), (double) config.burst());
        kube.open(state, directory.resolve("run"), Map.of(BudgetSource.CONFIG_FILE, layer), observer, "test");
    }

    static KubeRig at(StubApiServer server, double qps, int burst) throws IOException, KubeException {
        Path directory = Files.createTempDirectory("hk");
        return new KubeRig(directory, Config.of(qps, burst, server.kubeconfig(directory)), KubeObserver.NONE);
    }

    /** Waits for a condition; an error says what was waited for. */
    public static void await(String what, Duration within, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(what + ": not within " + within);
            }
            Thread.sleep(5); // Between two looks.
        }
    }

    @Override
    public void close() throws IOException {
        kube.close();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
