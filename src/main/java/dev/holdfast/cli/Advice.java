package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which request budget fits, and why. Decides by the agent's figures alone.
 *
 * @param reasons for people, the strongest first
 */
record Advice(long qps, long burst, List<String> reasons) {
    private static final String PLUGIN = "plugin:";
    private static final long REQUESTS_MIN = 200;
    private static final double WAIT_MILLIS_LONG = 100;
    private static final double LATENCY_MILLIS_LONG = 1000;
    private static final double REFUSED_PART_MAX = 0.001;
    private static final long QPS_USUAL = 100;
    private static final long QPS_LARGE = 300;
    private static final int RESOURCES_LARGE = 500;

    static Advice of(JsonNode kube) {
        JsonNode figures = kube.path("figures");
        long requests = figures.path("requests").asLong();
        long refused = figures.path("throttled").asLong();
        long gaveUp = figures.path("gaveUp").asLong();
        double wait = figures.path("waited").path("meanMillis").asDouble();
        double latency = figures.path("latency").path("meanMillis").asDouble();
        double qps = kube.path("budget").path("qps").asDouble(QPS_USUAL);
        long burst = kube.path("budget").path("burst").asLong(QPS_USUAL);
        if (!kube.path("configured").asBoolean()) {
            return keep(qps, burst, "there is no cluster: nothing is asked of an API server");
        }
        if (requests < REQUESTS_MIN) {
            return keep(
                    qps, burst, requests + " requests since the start: too few to judge; run a backup and ask again");
        }
        if (qps < 0) {
            return refused > requests * REFUSED_PART_MAX
                    ? new Advice(
                            QPS_LARGE,
                            QPS_LARGE,
                            List.of("no limit is set and " + refused + " of " + requests
                                    + " requests were refused with 429: the server needs one"))
                    : keep(qps, burst, "no limit is set and the server refuses nothing");
        }
        List<String> reasons = new ArrayList<>();
        if (refused > requests * REFUSED_PART_MAX) {
            reasons.add(refused + " of " + requests + " requests were refused with 429: the server takes less");
            reasons.add("holdfast.kube.auto=true would find the rate by itself");
            most(figures).ifPresent(reasons::add);
            return scaled(qps, burst, 2.0 / 3, reasons);
        }
        if (latency > LATENCY_MILLIS_LONG) {
            reasons.add(
                    "the server needs " + latency + " ms on average to answer: more requests would only queue there");
            return scaled(qps, burst, 0.75, reasons);
        }
        if (wait > WAIT_MILLIS_LONG || gaveUp > 0) {
            reasons.add("requests waited " + wait + " ms on average for their turn"
                    + (gaveUp > 0 ? ", and " + gaveUp + " gave up" : "") + ", while the server answers within "
                    + latency + " ms and refuses nothing");
            boolean large = kube.path("discovery").path("resources").asInt() >= RESOURCES_LARGE;
            if (qps >= QPS_LARGE) {
                reasons.add("above " + QPS_LARGE + " every node of the cluster together must be thought of");
            } else if (large) {
                reasons.add("the cluster has many kinds: 200 to 300 are usual for large ones");
            }
            most(figures).ifPresent(reasons::add);
            return scaled(qps, burst, large ? 2 : 1.5, reasons);
        }
        return keep(
                qps,
                burst,
                "requests wait " + wait + " ms on average, the server answers within " + latency
                        + " ms and refuses nothing: the budget fits");
    }

    /** A plugin that uses more than half of the budget, for which there is another remedy. */
    private static Optional<String> most(JsonNode figures) {
        long requests = figures.path("requests").asLong();
        return figures.path("byChild")
                .propertyStream()
                .filter(it -> it.getKey().startsWith(PLUGIN) && it.getValue().asLong() * 2 > requests)
                .map(it -> it.getKey() + " sent " + it.getValue().asLong() + " of the " + requests
                        + " requests: holdfast.kube.shares=" + it.getKey().substring(PLUGIN.length())
                        + "=50 would leave half of the budget to the others")
                .findFirst();
    }

    private static Advice keep(double qps, long burst, String why) {
        return new Advice(Math.round(qps), burst, List.of(why));
    }

    private static Advice scaled(double qps, long burst, double factor, List<String> reasons) {
        long next = rounded(qps * factor);
        return new Advice(next, Math.max(next, rounded(burst * factor)), List.copyOf(reasons));
    }

    /** To what people would write. */
    private static long rounded(double value) {
        return value < 20 ? Math.max(1, Math.round(value)) : Math.min(10_000, Math.round(value / 10) * 10);
    }
}
