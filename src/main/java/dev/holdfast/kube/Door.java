package dev.holdfast.kube;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The way of one foreign child through the local gate: an address with a secret in it. Open for as long as the child
 * lives; afterwards the secret opens nothing.
 */
public final class Door implements AutoCloseable {
    private final URI server;
    private final Path kubeconfig;
    private final String qps;
    private final String burst;
    private final Runnable onClose;

    Door(URI server, Path kubeconfig, BudgetSettings.Effective budget, Runnable onClose) {
        this.server = server;
        this.kubeconfig = kubeconfig;
        this.qps = Double.toString(
                budget.budget().unlimited() ? -1 : budget.budget().qps());
        this.burst = Integer.toString(budget.budget().burst());
        this.onClose = onClose;
    }

    /** What a client takes for the API server. Secret. */
    URI server() {
        return server;
    }

    /** The file to give to the child; readable by the agent's user alone. */
    public Path kubeconfig() {
        return kubeconfig;
    }

    /** For programs that look there; the budget is what it is now. */
    public Map<String, String> environment() {
        return Map.of("KUBECONFIG", kubeconfig.toString(), ChildSettings.QPS, qps, ChildSettings.BURST, burst);
    }

    /** As Velero's plugins read them. The gate decides all the same; this keeps them from waiting on their own. */
    public List<String> arguments() {
        return List.of("--kubeconfig", kubeconfig.toString(), "--client-qps", qps, "--client-burst", burst);
    }

    @Override
    public void close() {
        onClose.run();
        try {
            Files.deleteIfExists(kubeconfig);
        } catch (IOException e) {
            throw new UncheckedIOException("remove " + kubeconfig, e);
        }
    }
}
