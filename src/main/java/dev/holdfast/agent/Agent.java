package dev.holdfast.agent;

import dev.holdfast.api.AgentMetrics;
import dev.holdfast.api.AgentState;
import dev.holdfast.api.ApiToken;
import dev.holdfast.config.AgentConfig;
import dev.holdfast.config.KubeConfig;
import dev.holdfast.config.MoverConfig;
import dev.holdfast.config.PluginConfig;
import dev.holdfast.config.SessionConfig;
import dev.holdfast.config.Settings;
import dev.holdfast.config.ShutdownConfig;
import dev.holdfast.kube.Kube;
import dev.holdfast.kube.KubeException;
import dev.holdfast.linux.Reason;
import dev.holdfast.mover.ProcessMovers;
import dev.holdfast.plugin.Plugins;
import dev.holdfast.session.MapDbSessionStore;
import dev.holdfast.session.MoverPolicy;
import dev.holdfast.session.RecoveryReport;
import dev.holdfast.session.SessionStoreException;
import dev.holdfast.session.Sessions;
import dev.holdfast.session.ShutdownReport;
import dev.holdfast.session.StateLock;
import dev.holdfast.session.StateLockException;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduler;
import io.smallrye.config.SmallRyeConfig;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The agent's life, top to bottom: {@link #open} puts it together, {@link #recover} takes up what an earlier agent
 * left, {@link #leave} is the grace window, {@link #close} lets go. Whoever needs {@link Sessions} gets them from here,
 * so nothing can see them before the state directory is ours.
 */
@Singleton
public class Agent implements AgentState {
    private static final Logger LOG = Logger.getLogger(Agent.class);
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(5);
    private static final Duration RECOVERY_PATIENCE = Duration.ofSeconds(5);

    private final Settings settings;
    private final AgentMetrics metrics;
    private final Scheduler scheduler;
    private final Kube kube;
    private final Instant started = Instant.now();
    private final Surroundings surroundings = Surroundings.find();
    private final Directories directories;
    private final CountDownLatch recovered = new CountDownLatch(1);
    private final AtomicBoolean stopping = new AtomicBoolean();
    private @Nullable Parts parts;

    /** What is open; closed in reverse order. */
    private record Parts(StateLock lock, Kube kube, ApiToken token, ProcessMovers movers, Sessions sessions)
            implements Closeable {
        @Override
        public void close() throws IOException {
            try (lock;
                    kube;
                    movers) {
                sessions.close();
            }
        }
    }

    @Inject
    Agent(
            AgentConfig agent,
            SessionConfig session,
            MoverConfig mover,
            ShutdownConfig shutdown,
            KubeConfig kubeConfig,
            PluginConfig pluginConfig,
            AgentMetrics metrics,
            Scheduler scheduler,
            Kube kube) {
        this.settings = new Settings(agent, session, mover, shutdown, kubeConfig, pluginConfig);
        this.metrics = metrics;
        this.scheduler = scheduler;
        this.kube = kube;
        this.directories = Directories.choose(agent, surroundings);
    }

    @PostConstruct
    void open() {
        SmallRyeConfig config = ConfigProvider.getConfig().unwrap(SmallRyeConfig.class);
        StartChecks.settings(settings, config, System.getenv());
        logSettings(config);
        Path state = directories.state();
        try {
            StateLock lock = StateLock.acquire(state, LOCK_PATIENCE);
            // Where zstd unpacks its library, for a moment: the root of a container may be read-only.
            if (System.getProperty("ZstdTempFolder") == null) {
                System.setProperty("ZstdTempFolder", state.toString());
            }
            Plugins.endLeft(pluginSockets());
            ApiToken token = TokenFile.readOrMake(state);
            kube.open(state, directories.run(), Wiring.budget(config), metrics, version());
            List<String> command = Wiring.moverCommand(settings.mover(), directories, version());
            ProcessMovers movers = new ProcessMovers(Wiring.movers(settings.mover(), directories, command));
            LOG.infof("movers run %s", String.join(" ", command));
            Sessions sessions = new Sessions(
                    new MapDbSessionStore(state.resolve("sessions")),
                    movers,
                    new RepositoryProof(),
                    Wiring.sessions(settings),
                    InstantSource.system(),
                    metrics);
            parts = new Parts(lock, kube, token, movers, sessions);
            movers.cgroupUnavailable().ifPresent(why -> LOG.warnf("movers get no cgroup of their own: %s", why));
        } catch (StateLockException | SessionStoreException e) {
            throw new StartRefused(String.valueOf(e.getMessage()), AgentMain.STATE_REFUSED);
        } catch (KubeException e) {
            throw new StartRefused(String.valueOf(e.getMessage()), AgentMain.SETTINGS_REFUSED);
        } catch (IOException e) {
            throw new StartRefused(
                    "open state " + state + ": " + Reason.of(e) + "; is it writable for this user?",
                    AgentMain.STATE_REFUSED);
        }
    }

    /** Waits a moment for recovery, so that clients that come at once find their sessions; then lets it go on. */
    void recover(@Observes StartupEvent event) throws InterruptedException {
        metrics.watch(sessions(), this);
        metrics.watch(kube);
        Thread.ofPlatform().name("holdfast-recovery").daemon().start(this::recoverAll);
        if (!recovered.await(RECOVERY_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.info("recovery goes on in the background; readiness stays down until it is done");
        }
    }

    /** The grace window. The API still answers, readiness does not; runs before the ports close. */
    void leave(@Observes ShutdownDelayInitiatedEvent event) {
        leave();
    }

    /** Everything is released in reverse order. */
    void close(@Observes ShutdownEvent event) {
        leave();
        try {
            parts().close();
        } catch (IOException e) {
            LOG.debug("closing", e); // The end of the process closes it all the same.
        }
        LOG.info("agent ended");
    }

    private void recoverAll() {
        Sessions sessions = sessions();
        try {
            RecoveryReport report = sessions.recover();
            metrics.count(sessions.all(), true);
            recovered.countDown();
            scheduler.resume();
            LOG.infof(
                    "agent ready version=%s sessions=%d recoveryMillis=%d startMillis=%d",
                    version(),
                    report.sessions().size(),
                    report.took().toMillis(),
                    Duration.between(started, Instant.now()).toMillis());
        } catch (RuntimeException e) {
            LOG.error("recovery failed: the agent stays unready; restart it after looking into the cause", e);
        }
    }

    private void leave() {
        if (!stopping.compareAndSet(false, true) || !recovered()) {
            return;
        }
        Duration grace = settings.shutdown().grace();
        LOG.infof("agent ending grace=%s movers=%s", grace, moversAtShutdown());
        ShutdownReport report = sessions().shutdown(grace, policy());
        LOG.infof(
                "movers told checkpointed=%d unanswered=%s unsaved=%s millis=%d",
                report.checkpointed(),
                report.unanswered(),
                report.unsaved(),
                report.took().toMillis());
    }

    private void logSettings(SmallRyeConfig config) {
        LOG.infof("setting holdfast.state-dir=%s", directories.state());
        LOG.infof("setting holdfast.run-dir=%s", directories.run());
        settings.forEach((name, value) -> {
            @Nullable String source = config.getConfigValue(name).getConfigSourceName();
            LOG.infof("setting %s=%s%s", name, value, source == null ? "" : " from " + source);
        });
    }

    /** Movers that would be killed with our container are better stopped with a checkpoint. */
    private MoverPolicy policy() {
        return settings.shutdown()
                .movers()
                .map(wanted -> switch (wanted) {
                    case KEEP -> MoverPolicy.KEEP;
                    case STOP -> MoverPolicy.STOP;
                })
                .orElse(surroundings.container() && !cgroups().available() ? MoverPolicy.STOP : MoverPolicy.KEEP);
    }

    private Parts parts() {
        Parts open = parts;
        if (open == null) {
            throw new IllegalStateException("the agent is not open");
        }
        return open;
    }

    @Produces
    @Singleton
    Sessions sessions() {
        return parts().sessions();
    }

    @Produces
    @Singleton
    ApiToken token() {
        return parts().token();
    }

    @Override
    public String version() {
        return ConfigProvider.getConfig().getValue("quarkus.application.version", String.class);
    }

    @Override
    public Instant started() {
        return started;
    }

    @Override
    public Path stateDir() {
        return directories.state();
    }

    /** Folder for the sockets of plugins. */
    Path pluginSockets() {
        return directories.run().resolve("plugin");
    }

    @Override
    public Cgroups cgroups() {
        return parts().movers()
                .cgroupUnavailable()
                .map(why -> new Cgroups(false, why))
                .orElseGet(() -> new Cgroups(true, "cgroup v2"));
    }

    @Override
    public String moversAtShutdown() {
        return policy().name().toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean recovered() {
        return recovered.getCount() == 0;
    }

    @Override
    public boolean stopping() {
        return stopping.get();
    }
}
