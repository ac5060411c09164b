package dev.holdfast.kube;

import dev.holdfast.config.Budget;
import dev.holdfast.config.KubeConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The agent's side of it: owns the node's one budget, one discovery, and the ways that children take to the API server.
 * Opened by the agent; without a cluster it holds a budget and asks nobody anything. Lock: the object guards opening
 * and closing.
 */
@Singleton
public class Kube implements Cluster, Closeable {
    /** The agent itself, among the children. */
    public static final String AGENT = "agent";

    /** Before the name of a child that is a plugin. */
    public static final String PLUGIN = "plugin:";

    private static final Logger LOG = Logger.getLogger(Kube.class);
    private static final int LOOPS = 2;

    private final KubeConfig config;
    private final KubernetesSerialization serialization;
    private final BudgetSettings settings = new BudgetSettings();
    /** Of this node in each round of discovery, 0 to 1. */
    private final double place;

    private volatile @Nullable Open open;

    /** What is there while the agent runs. */
    private record Open(
            ScheduledThreadPoolExecutor timer,
            TokenBucket bucket,
            KubeObserver observer,
            Path run,
            Path state,
            String version,
            Pace pace,
            @Nullable SharedFile shared,
            @Nullable AgentSocket socket,
            @Nullable Reach reach) {}

    /** What is there only with a cluster. */
    private record Reach(
            Vertx vertx,
            ClusterClient client,
            DiscoveryCache discovery,
            Definitions definitions,
            ChangeWatch definitionsWatch,
            ChangeWatch servicesWatch,
            LocalGate gate) {}

    @Inject
    public Kube(KubeConfig config, KubernetesSerialization serialization) {
        this(config, serialization, ThreadLocalRandom.current().nextDouble());
    }

    /** @param place of this node in each round of discovery, 0 to 1 */
    Kube(KubeConfig config, KubernetesSerialization serialization, double place) {
        this.config = config;
        this.serialization = serialization;
        this.place = place;
    }

    /**
     * Opens it. Nothing is asked of a cluster in this thread, so a cluster that is away does not delay the start.
     *
     * @param layers what the sources say that do not change while the agent runs
     * @param version of the agent, for the server's logs
     * @throws IOException if the socket or the shared file cannot be used
     * @throws KubeException if a cluster is named but cannot be used
     */
    public synchronized void open(
            Path state, Path run, Map<BudgetSource, BudgetSettings.Layer> layers, KubeObserver observer, String version)
            throws IOException, KubeException {
        layers.forEach((source, layer) -> settings.change(source, layer).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        }));
        SharedFile shared =
                config.file().isPresent() ? SharedFile.follow(config.file().get(), settings) : null;
        ScheduledThreadPoolExecutor timer = Waits.timer("kube-gate");
        TokenBucket bucket = new TokenBucket(settings.effective().budget(), System::nanoTime, timer);
        Pace pace = new Pace(config.auto(), settings, bucket, observer);
        timer.scheduleAtFixedRate(pace::tick, 1, 1, TimeUnit.SECONDS);
        Files.createDirectories(
                run, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Open parts = new Open(timer, bucket, pace, run, state, version, pace, shared, null, null);
        open = parts;
        Optional<ClusterAccess> access =
                ClusterAccess.find(config.kubeconfig(), System.getenv(), ChildSettings.userAgent(version, AGENT));
        Reach reach = access.isPresent() ? reach(access.get(), parts) : null;
        AgentSocket socket = new AgentSocket(
                run.resolve("agent.sock"), settings, child -> bucket.account(child, percent(child)), this, pace);
        if (reach != null) {
            reach.discovery().onChange(socket::discovered);
            reach.discovery().refresh();
        }
        open = new Open(timer, bucket, pace, run, state, version, pace, shared, socket, reach);
        settings.onChange(_ -> socket.tellAll());
        BudgetSettings.Effective now = settings.effective();
        LOG.infof(
                "request budget qps/burst=%s from=%s automatic=%s cluster=%s",
                now.budget(),
                now.source().text(),
                config.auto(),
                access.map(it -> it.server().toString()).orElse("none"));
    }

    private Reach reach(ClusterAccess access, Open parts) throws IOException, KubeException {
        Vertx vertx = Loops.make(LOOPS);
        ClusterClient client =
                new ClusterClient(access, serialization, vertx, config.inFlightMax(), gate(AGENT, parts));
        DiscoveryCache discovery = new DiscoveryCache(
                asking(client),
                new DiscoveryFile(discoveryFile(parts.state()), access.server().toString()),
                InstantSource.system(),
                config.discoveryRefresh(),
                parts.observer());
        Definitions definitions = new Definitions(path -> client.open(Lane.BACKUP, path, JSON), System::nanoTime);
        DocumentCache documents =
                new DocumentCache((path, headers) -> client.get(Lane.DISCOVERY, path, headers), System::nanoTime);
        discovery.onChange(_ -> documents.invalidate());
        Renewal renewal = new Renewal(discovery::refresh, parts.timer());
        ChangeWatch.Server server = (path, accept) -> client.open(Lane.DISCOVERY, path, accept);
        ChangeWatch definitionsWatch = new ChangeWatch(
                server,
                Definitions.PATH,
                () -> {
                    definitions.invalidate();
                    documents.invalidate(); // A schema may change where the list of resources does not.
                    renewal.soon();
                },
                now -> {
                    definitions.watched(now);
                    discovery.watched(Definitions.PATH, now);
                });
        ChangeWatch servicesWatch = new ChangeWatch(
                server,
                DiscoveryCache.SERVICES,
                () -> {
                    documents.invalidate();
                    renewal.soon();
                },
                now -> discovery.watched(DiscoveryCache.SERVICES, now));
        Path kubeconfigs = parts.run().resolve("kube");
        Files.createDirectories(
                kubeconfigs, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        forgetChildren(kubeconfigs);
        LocalGate gate = new LocalGate(
                vertx,
                access,
                kubeconfigs,
                child -> gate(child, parts),
                settings::effective,
                new KnownAnswers(discovery, definitions, documents, parts.observer()));
        return new Reach(vertx, client, discovery, definitions, definitionsWatch, servicesWatch, gate);
    }

    /** Of a killed agent; what they open is closed. */
    private static void forgetChildren(Path kubeconfigs) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(kubeconfigs, "*.kubeconfig")) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        }
    }

    private RequestGate gate(String child, Open parts) {
        return new RequestGate(
                child,
                parts.bucket().account(child, percent(child)),
                new InFlight(config.inFlightMax(), parts.timer()),
                parts.timer(),
                parts.observer());
    }

    /** People write the name of a plugin without what it is. */
    private int percent(String child) {
        String share = child.substring(child.indexOf(':') + 1) + "=";
        return config.shares().orElse(java.util.List.of()).stream()
                .map(it -> it.substring(it.indexOf(':') + 1))
                .filter(it -> it.startsWith(share))
                .map(it -> Integer.parseInt(it.substring(share.length())))
                .findFirst()
                .orElse(100);
    }

    /** For whoever wants fabric8's client and nothing else. */
    @Produces
    @ApplicationScoped
    KubernetesClient client() throws KubeException {
        return client(Lane.INTERACTIVE);
    }

    @Override
    public boolean configured() {
        Open parts = open;
        return parts != null && parts.reach() != null;
    }

    @Override
    public KubernetesClient client(Lane lane) throws KubeException {
        return reach().client().client(lane);
    }

    @Override
    public RawAnswer get(Lane lane, String pathAndQuery, String accept) throws KubeException {
        return reach().client().get(lane, pathAndQuery, Map.of("Accept", accept));
    }

    @Override
    public InputStream open(Lane lane, String pathAndQuery, String accept) throws KubeException {
        return reach().client().open(lane, pathAndQuery, accept);
    }

    @Override
    public DiscoveryCache discovery() throws KubeException {
        return reach().discovery();
    }

    @Override
    public Optional<byte[]> definition(String name) throws KubeException {
        return reach().definitions().find(name);
    }

    /** How discovery asks the server. */
    DiscoveryCache.Source discoverySource() throws KubeException {
        return asking(reach().client());
    }

    private static DiscoveryCache.Source asking(ClusterClient client) {
        return (path, headers) -> client.get(Lane.DISCOVERY, path, headers);
    }

    /** Which budget is in force, and the way to change it. */
    public BudgetSettings settings() {
        return settings;
    }

    /** Whether there is a budget, with or without a cluster: from {@code open} until {@link #close}. */
    public boolean isOpen() {
        return open != null;
    }

    /** The budget after the automatic mode: what is really let through. */
    public Budget pace() {
        return parts().bucket().budget();
    }

    /** The one bucket, to look at. */
    public TokenBucket bucket() {
        return parts().bucket();
    }

    /**
     * Revalidates discovery, each node at its own time after this; to be called every few minutes. Does nothing without
     * a cluster.
     */
    public void revalidate() {
        Open parts = open;
        if (parts != null && parts.reach() != null) {
            DiscoveryCache discovery = parts.reach().discovery();
            Duration wait = Spread.within(config.discoveryRefresh(), place);
            parts.timer().schedule(discovery::refresh, wait.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /**
     * What a child of ours finds in its environment. Later changes reach it over the socket.
     *
     * @param child its name; its requests are counted under it
     */
    public Map<String, String> childEnvironment(String child) {
        Open parts = parts();
        Map<String, String> environment = new LinkedHashMap<>();
        Budget budget = settings.effective().budget();
        environment.put(ChildSettings.CHILD, child);
        environment.put(ChildSettings.VERSION, parts.version());
        environment.put(ChildSettings.QPS, Double.toString(budget.qps()));
        environment.put(ChildSettings.BURST, Integer.toString(budget.burst()));
        environment.put(ChildSettings.IN_FLIGHT, Integer.toString(config.inFlightMax()));
        environment.put(ChildSettings.SOCKET, parts.run().resolve("agent.sock").toString());
        environment.put(ChildSettings.DISCOVERY, discoveryFile(parts.state()).toString());
        config.file().ifPresent(it -> environment.put(ChildSettings.FILE, it.toString()));
        config.kubeconfig().ifPresent(it -> environment.put(ChildSettings.KUBECONFIG, it.toString()));
        for (String name : ClusterAccess.POD) { // A child may be started without what this process has inherited.
            String value = System.getenv(name);
            if (value != null) {
                environment.put(name, value);
            }
        }
        return environment;
    }

    /**
     * A way to the API server for a child that is not ours. To be closed when the child has ended.
     *
     * @param child its name; its requests are counted under it
     */
    public Door openDoor(String child) throws KubeException {
        try {
            return reach().gate().open(child);
        } catch (IOException e) {
            throw new UncheckedIOException("open a way to the API server for " + child, e);
        }
    }

    private static Path discoveryFile(Path state) {
        return state.resolve("discovery.cache");
    }

    private Open parts() {
        Open parts = open;
        if (parts == null) {
            throw new IllegalStateException("kube is not open");
        }
        return parts;
    }

    private Reach reach() throws KubeException {
        Reach reach = parts().reach();
        if (reach == null) {
            throw KubeException.noCluster();
        }
        return reach;
    }

    @Override
    public synchronized void close() throws IOException {
        Open parts = open;
        open = null;
        if (parts == null) {
            return;
        }
        try (SharedFile _ = parts.shared();
                AgentSocket _ = parts.socket()) {
            Reach reach = parts.reach();
            if (reach != null) {
                reach.gate().close();
                reach.definitionsWatch().close();
                reach.servicesWatch().close();
                reach.discovery().close();
                reach.client().close();
                reach.vertx().close();
            }
        } finally {
            parts.timer().shutdownNow();
        }
    }
}
