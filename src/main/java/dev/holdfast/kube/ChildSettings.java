package dev.holdfast.kube;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a child of ours reads from its environment; the agent sets all of it, whatever the child would inherit. */
record ChildSettings(
        String child,
        String version,
        BudgetSettings.Layer budget,
        int inFlightMax,
        Optional<Path> file,
        Optional<Path> kubeconfig,
        Optional<Path> socket,
        Optional<Path> discovery) {
    private static final int IN_FLIGHT_USUAL = 32;
    private static final int IN_FLIGHT_MAX = 1000;

    static final String CHILD = "HOLDFAST_CHILD";
    static final String VERSION = "HOLDFAST_VERSION";
    static final String QPS = "HOLDFAST_KUBE_QPS";
    static final String BURST = "HOLDFAST_KUBE_BURST";
    static final String IN_FLIGHT = "HOLDFAST_KUBE_IN_FLIGHT_MAX";
    static final String FILE = "HOLDFAST_KUBE_FILE";
    static final String KUBECONFIG = "HOLDFAST_KUBE_KUBECONFIG";
    static final String SOCKET = "HOLDFAST_AGENT_SOCKET";
    static final String DISCOVERY = "HOLDFAST_DISCOVERY";

    /** @throws IOException if a number is none */
    static ChildSettings read(Map<String, String> environment, String otherwise) throws IOException {
        try {
            return new ChildSettings(
                    environment.getOrDefault(CHILD, otherwise),
                    environment.getOrDefault(VERSION, "unknown"),
                    new BudgetSettings.Layer(number(environment, QPS), number(environment, BURST)),
                    inFlight(number(environment, IN_FLIGHT)),
                    path(environment, FILE),
                    path(environment, KUBECONFIG),
                    path(environment, SOCKET),
                    path(environment, DISCOVERY));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** What the server's logs name the child, as they name the agent. */
    String userAgent() {
        return userAgent(version, child);
    }

    static String userAgent(String version, String child) {
        return "holdfast/" + version + " (" + child + ")";
    }

    /** An empty variable says nothing. */
    private static @Nullable String text(Map<String, String> environment, String name) {
        String value = environment.get(name);
        return value == null || value.isBlank() ? null : value;
    }

    private static @Nullable Double number(Map<String, String> environment, String name) {
        String value = text(environment, name);
        return value == null ? null : SharedFile.number(name, value);
    }

    private static int inFlight(@Nullable Double said) {
        return said == null ? IN_FLIGHT_USUAL : (int) Math.clamp(said, 1, IN_FLIGHT_MAX);
    }

    private static Optional<Path> path(Map<String, String> environment, String name) {
        return Optional.ofNullable(text(environment, name)).map(Path::of);
    }
}
