package dev.holdfast.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.vertx.core.Vertx;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as a child of ours sees it: tokens, settings and discovery come from the agent. Without the agent it goes
 * on with an eighth of the budget and the last discovery on disk. Asks the server nothing before it is asked itself.
 * Lock: the object guards what is made at first use.
 */
public final class KubeChild implements Cluster, Discovery, Closeable {
    private static final Logger LOG = Logger.getLogger(KubeChild.class);
    private static final Duration PATIENCE = Duration.ofSeconds(95);
    private static final Duration FILE_MAX = Duration.ofHours(1);

    private final ChildSettings told;
    private final BudgetSettings settings = new BudgetSettings();
    private final ScheduledThreadPoolExecutor timer = Waits.timer("kube-gate");
    private final @Nullable SharedFile shared;
    private final AgentLink link;
    private volatile boolean outdated = true;
    private @Nullable DiscoverySnapshot snapshot;
    private @Nullable Vertx vertx;
    private @Nullable ClusterClient client;

    private KubeChild(ChildSettings told) throws IOException {
        this.told = told;
        settings.change(BudgetSource.CONFIG_FILE, told.budget()).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        this.shared = told.file().isPresent() ? SharedFile.follow(told.file().get(), settings) : null;
        this.link = new AgentLink(told.socket(), told.child(), settings, timer, () -> outdated = true);
    }

    /**
     * Begins to share.
     *
     * @param environment as the agent made it
     * @param child name where the environment has none
     * @throws IOException if a setting makes no sense; the message says which
     */
    public static KubeChild connect(Map<String, String> environment, String child) throws IOException {
        try {
            return new KubeChild(ChildSettings.read(environment, child));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** What is in force here. */
    public BudgetSettings.Effective effective() {
        return settings.effective();
    }

    /** Whether the agent is there. */
    public boolean shares() {
        return link.connected();
    }

    /** Where tokens come from. */
    Tokens tokens() {
        return link;
    }

    @Override
    public boolean configured() {
        try {
            return access().isPresent();
        } catch (KubeException e) {
            LOG.warn(e.getMessage());
            return false;
        }
    }

    @Override
    public KubernetesClient client(Lane lane) throws KubeException {
        return reach().client(lane);
    }

    @Override
    public RawAnswer get(Lane lane, String pathAndQuery, String accept) throws KubeException {
        return reach().get(lane, pathAndQuery, Map.of("Accept", accept));
    }

    @Override
    public InputStream open(Lane lane, String pathAndQuery, String accept) throws KubeException {
        return reach().open(lane, pathAndQuery, accept);
    }

    @Override
    public Discovery discovery() {
        return this;
    }

    @Override
    public synchronized DiscoverySnapshot snapshot() throws KubeException {
        DiscoverySnapshot known = snapshot;
        if (known != null && !outdated) {
            return known;
        }
        outdated = false;
        return ask("discovery", known);
    }

    @Override
    public synchronized DiscoverySnapshot recent() throws KubeException {
        return refreshed();
    }

    @Override
    public synchronized DiscoverySnapshot refreshed() throws KubeException {
        return ask("refresh", snapshot);
    }

    private DiscoverySnapshot ask(String word, @Nullable DiscoverySnapshot known) throws KubeException {
        Optional<ObjectNode> answer =
                link.ask(Frames.message(word).put("generation", known == null ? 0 : known.generation()), PATIENCE);
        if (answer.isEmpty() || answer.get().has("error")) {
            outdated = true;
            return lastKnown(
                    known, answer.map(it -> it.path("message").asText("")).orElse("no agent"));
        }
        ObjectNode found = answer.get();
        DiscoverySnapshot fresh =
                found.has("snapshot") || known == null ? SnapshotJson.read(found.path("snapshot")) : known;
        snapshot = fresh;
        return fresh;
    }

    private DiscoverySnapshot lastKnown(@Nullable DiscoverySnapshot known, String why) throws KubeException {
        if (known != null) {
            return known;
        }
        Optional<ClusterAccess> access = access();
        if (told.discovery().isPresent() && access.isPresent()) {
            Path file = told.discovery().get();
            try {
                Optional<DiscoverySnapshot> kept = new DiscoveryFile(
                                file, access.get().server().toString())
                        .read()
                        .map(DiscoveryFile.Kept::snapshot)
                        .filter(it -> it.fetched().isAfter(Instant.now().minus(FILE_MAX)));
                if (kept.isPresent()) {
                    snapshot = kept.get();
                    return kept.get();
                }
            } catch (IOException e) {
                LOG.debugf("last discovery: %s", e.getMessage());
            }
        }
        throw new KubeException(KubeException.Code.UNREACHABLE, 0, "ask the agent what the cluster has: " + why, null);
    }

    @Override
    public Optional<byte[]> definition(String name) throws KubeException {
        Optional<ObjectNode> answer = link.ask(Frames.message("definition").put("name", name), PATIENCE);
        try {
            if (answer.isPresent() && answer.get().has("body")) {
                return Optional.of(answer.get().path("body").binaryValue());
            }
        } catch (IOException e) {
            throw KubeException.failed("definition " + name, e);
        }
        String error = answer.map(it -> it.path("error").asText()).orElse("no agent");
        if (error.equals("unknown")) {
            return Optional.empty();
        }
        throw new KubeException(
                KubeException.Code.UNREACHABLE, 0, "ask the agent for definition " + name + ": " + error, null);
    }

    private Optional<ClusterAccess> access() throws KubeException {
        return ClusterAccess.find(told.kubeconfig(), System.getenv(), told.userAgent());
    }

    private synchronized ClusterClient reach() throws KubeException {
        if (client == null) {
            ClusterAccess access = access().orElseThrow(KubeException::noCluster);
            Vertx own = Loops.make(1);
            vertx = own;
            RequestGate gate = new RequestGate(
                    told.child(), link, new InFlight(told.inFlightMax(), timer), timer, new KubeObserver() {
                        @Override
                        public void answered(String child, String verb, int status, Duration took) {
                            link.tell(Frames.message("answered")
                                    .put("verb", verb)
                                    .put("status", status)
                                    .put("millis", took.toMillis()));
                        }

                        @Override
                        public void retried(String reason) {
                            link.tell(Frames.message("retried").put("reason", reason));
                        }
                    });
            client = new ClusterClient(access, new KubernetesSerialization(), own, told.inFlightMax(), gate);
        }
        return client;
    }

    @Override
    public synchronized void close() throws IOException {
        try (SharedFile _ = shared) {
            link.close();
            if (client != null) {
                client.close();
            }
            if (vertx != null) {
                vertx.close();
            }
        } finally {
            timer.shutdownNow();
        }
    }
}
