package dev.holdfast.api;

import dev.holdfast.kube.BudgetSettings;
import dev.holdfast.kube.DiscoverySnapshot;
import dev.holdfast.kube.Kube;
import dev.holdfast.kube.KubeException;
import dev.holdfast.kube.Lane;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How the node uses the API server.
 *
 * @param configured whether there is a cluster
 * @param waiting requests that wait for a token, by lane
 */
public record KubeView(
        boolean configured, Budget budget, Map<String, Integer> waiting, Discovered discovery, Figures figures) {
    /**
     * The request budget.
     *
     * @param source the highest of those that say what is in force
     * @param inForce what is really let through: less than the budget while the server answers 429
     * @param refused what the last refused change was wrong with, or empty
     */
    public record Budget(
            double qps,
            int burst,
            String text,
            String source,
            String qpsFrom,
            String burstFrom,
            long generation,
            String inForce,
            String refused) {}

    /**
     * What is known of the cluster.
     *
     * @param ageSeconds since it was known to be so, or -1
     * @param stale group versions whose server does not answer
     */
    public record Discovered(
            long generation,
            @Nullable Instant fetched,
            long ageSeconds,
            int groupVersions,
            int resources,
            List<String> stale) {
        static Discovered of(Kube kube) {
            DiscoverySnapshot known = known(kube);
            return known == null
                    ? new Discovered(0, null, -1, 0, 0, List.of())
                    : new Discovered(
                            known.generation(),
                            known.fetched(),
                            Math.max(
                                    0,
                                    Duration.between(known.fetched(), Instant.now())
                                            .toSeconds()),
                            known.groupVersions().size(),
                            known.resources().size(),
                            known.staleGroupVersions());
        }

        private static @Nullable DiscoverySnapshot known(Kube kube) {
            try {
                return kube.configured() ? kube.discovery().known() : null;
            } catch (KubeException e) {
                return null; // Closed just now.
            }
        }
    }

    /**
     * Since the start.
     *
     * @param throttled answers with 429
     * @param gaveUp requests that were not sent, because their turn did not come in time
     * @param latency of the API server, to the head of the answer
     */
    public record Figures(
            long requests,
            long throttled,
            long gaveUp,
            long servedFromCache,
            Spread waited,
            Spread latency,
            Map<String, Long> byVerb,
            Map<String, Long> byChild) {}

    /** @param maxMillis of the last few minutes */
    public record Spread(double meanMillis, double maxMillis) {
        static Spread of(Collection<Timer> timers) {
            long count = timers.stream().mapToLong(Timer::count).sum();
            double total = timers.stream()
                    .mapToDouble(it -> it.totalTime(TimeUnit.MILLISECONDS))
                    .sum();
            double max = timers.stream()
                    .mapToDouble(it -> it.max(TimeUnit.MILLISECONDS))
                    .max()
                    .orElse(0);
            return new Spread(count == 0 ? 0 : tenth(total / count), tenth(max));
        }

        private static double tenth(double value) {
            return Math.round(value * 10) / 10.0;
        }
    }

    static KubeView of(Kube kube, Figures figures) {
        BudgetSettings.Effective now = kube.settings().effective();
        Map<String, Integer> waiting = new TreeMap<>();
        for (Lane lane : Lane.values()) {
            waiting.put(lane.name().toLowerCase(Locale.ROOT), kube.bucket().waiting(lane));
        }
        return new KubeView(
                kube.configured(),
                new Budget(
                        now.budget().qps(),
                        now.budget().burst(),
                        now.budget().toString(),
                        now.source().text(),
                        now.qpsFrom().text(),
                        now.burstFrom().text(),
                        now.generation(),
                        kube.pace().toString(),
                        now.refused()),
                waiting,
                Discovered.of(kube),
                figures);
    }
}
