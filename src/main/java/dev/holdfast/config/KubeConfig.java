package dev.holdfast.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How the agent and its children use the API server. */
@ConfigMapping(prefix = "holdfast.kube")
public interface KubeConfig {
    /** Requests in a second, for all processes of the node together. More than 0 to 10,000; -1 means no limit. */
    @WithDefault("100")
    double qps();

    /** Requests at once after a pause. 1 to 20,000. */
    @WithDefault("100")
    int burst();

    /**
     * File with {@code holdfast.kube.qps} and {@code holdfast.kube.burst}, such as a mounted ConfigMap; watched, and in
     * force within a second. Ranks above configuration files and below the environment. Absolute. Unset: none.
     */
    Optional<Path> file();

    /** Whether the rate is lowered when the API server answers 429, and raised again up to {@code qps}. */
    @WithDefault("false")
    boolean auto();

    /**
     * Most that one child may take, as {@code name=percent} of the budget, separated by commas. 1 to 100. A child that
     * is not named may take all of it.
     */
    Optional<List<String>> shares();

    /** Requests on their way at once, for each process. 1 to 1000. */
    @WithDefault("32")
    int inFlightMax();

    /** Kubeconfig of the cluster to use outside of a pod. Absolute. Unset: the pod's own cluster, or none. */
    Optional<Path> kubeconfig();

    /** How often discovery is revalidated, by each node at its own time within a fifth of it. 10 s to 24 h. */
    @WithDefault("5m")
    Duration discoveryRefresh();
}
