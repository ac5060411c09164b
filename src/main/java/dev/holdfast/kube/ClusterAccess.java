package dev.holdfast.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which cluster, and as whom. Only what was named, or the pod's own: a kubeconfig that happens to lie in somebody's
 * home is never used, for it may lead to a cluster that nobody meant.
 */
record ClusterAccess(Config config) {
    private static final String POD_HOST = "KUBERNETES_SERVICE_HOST";
    private static final String POD_PORT = "KUBERNETES_SERVICE_PORT";
    /** What a pod's environment says of its cluster. */
    static final List<String> POD = List.of(POD_HOST, POD_PORT);

    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
    private static final int TIMEOUT_MILLIS = 30_000;

    /**
     * Empty where there is no cluster.
     *
     * @throws KubeException if one is named but cannot be used
     */
    static Optional<ClusterAccess> find(Optional<Path> kubeconfig, Map<String, String> environment, String userAgent)
            throws KubeException {
        if (kubeconfig.isPresent()) {
            return Optional.of(new ClusterAccess(ours(read(kubeconfig.get()), userAgent)));
        }
        String host = environment.get(POD_HOST);
        Path token = SERVICE_ACCOUNT.resolve("token");
        if (host == null || !Files.exists(token)) {
            return Optional.empty();
        }
        String port = environment.getOrDefault(POD_PORT, "443");
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port)
                .withCaCertFile(SERVICE_ACCOUNT.resolve("ca.crt").toString())
                .withOauthTokenProvider(new TokenFile(token))
                .build();
        return Optional.of(new ClusterAccess(ours(config, userAgent)));
    }

    private static Config read(Path kubeconfig) throws KubeException {
        try {
            if (!Files.isReadable(kubeconfig)) {
                throw new IOException("there is no such file, or it may not be read");
            }
            return Config.fromKubeconfig(kubeconfig.toFile());
        } catch (IOException | KubernetesClientException e) {
            throw new KubeException(
                    KubeException.Code.REFUSED, 0, "read kubeconfig " + kubeconfig + ": " + e.getMessage(), e);
        }
    }

    private static Config ours(Config config, String userAgent) {
        return new ConfigBuilder(config)
                .withUserAgent(userAgent)
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(TIMEOUT_MILLIS)
                .build();
    }

    /** Of the API server; its path is before every other. */
    URI server() {
        return URI.create(config.getMasterUrl());
    }

    /** What to ask that server for. */
    String path(String pathAndQuery) {
        String before = server().getRawPath();
        return before == null || before.isEmpty() || before.equals("/")
                ? pathAndQuery
                : before.replaceAll("/+$", "") + pathAndQuery;
    }

    /** The same with the server. */
    URI at(String pathAndQuery) {
        return server().resolve(path(pathAndQuery));
    }

    /** What the server knows us by; null where a certificate does that. */
    @Nullable
    String bearer() {
        OAuthTokenProvider provider = config.getOauthTokenProvider();
        if (provider != null) {
            return provider.getToken();
        }
        String given = config.getOauthToken();
        return given != null ? given : config.getAutoOAuthToken(); // The latter is what a kubeconfig says.
    }

    /** What the server refused is not used again without being read again. */
    void forget() {
        if (config.getOauthTokenProvider() instanceof TokenFile file) {
            file.forget();
        }
    }

    /** The kubelet renews it; read again every half minute. Lock: the object guards both fields. */
    private static final class TokenFile implements OAuthTokenProvider {
        private static final long KEEP_NANOS = 30_000_000_000L;
        private final Path file;
        private @Nullable String token;
        private long readAt;
        private boolean refused;

        TokenFile(Path file) {
            this.file = file;
        }

        synchronized void forget() {
            refused = true;
        }

        @Override
        public synchronized @Nullable String getToken() {
            if (token == null || refused || System.nanoTime() - readAt > KEEP_NANOS) {
                try {
                    token = Files.readString(file).strip();
                    readAt = System.nanoTime();
                    refused = false;
                } catch (IOException _) {
                    return token; // The one known so far may still be good; the server decides.
                }
            }
            return token;
        }
    }
}
