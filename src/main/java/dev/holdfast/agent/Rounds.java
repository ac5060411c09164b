package dev.holdfast.agent;

import dev.holdfast.api.AgentMetrics;
import dev.holdfast.backup.ObjectBackups;
import dev.holdfast.kube.Kube;
import dev.holdfast.session.Sessions;
import io.quarkus.scheduler.Scheduled;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** What the agent does again and again, from the end of recovery to the beginning of its own end. */
@Singleton
class Rounds {
    private final Agent agent;
    private final Sessions sessions;
    private final AgentMetrics metrics;
    private final Kube kube;
    private final ObjectBackups backups;

    @Inject
    Rounds(Agent agent, Sessions sessions, AgentMetrics metrics, Kube kube, ObjectBackups backups) {
        this.agent = agent;
        this.sessions = sessions;
        this.metrics = metrics;
        this.kube = kube;
        this.backups = backups;
    }

    @Scheduled(every = "{holdfast.session.revalidate}", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void revalidate() {
        if (working()) {
            sessions.revalidate();
            backups.tidy();
        }
    }

    @Scheduled(every = "1s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void count() {
        if (working()) {
            metrics.count(sessions.all(), false);
        }
    }

    /** The first time is at the start already. */
    @Scheduled(
            every = "{holdfast.kube.discovery-refresh}",
            delayed = "{holdfast.kube.discovery-refresh}",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void discover() {
        if (working()) {
            kube.revalidate();
        }
    }

    private boolean working() {
        return agent.recovered() && !agent.stopping();
    }
}
