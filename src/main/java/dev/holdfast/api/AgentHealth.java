package dev.holdfast.api;

import dev.holdfast.kube.Kube;
import dev.holdfast.session.Sessions;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/**
 * Live: the loop of the sessions turns. Ready: recovery is done, sessions can be stored and the agent is not ending.
 * Started: recovery is done. None of them asks anything outside of this process.
 */
@Singleton
final class AgentHealth {
    private final AgentState agent;
    private final Sessions sessions;
    private final Kube kube;

    @Inject
    AgentHealth(AgentState agent, Sessions sessions, Kube kube) {
        this.agent = agent;
        this.sessions = sessions;
        this.kube = kube;
    }

    @Produces
    @Singleton
    @Liveness
    HealthCheck live() {
        // Until recovery is done there is no loop that could stand still.
        return () -> HealthCheckResponse.named("sessions")
                .status(!agent.recovered() || agent.stopping() || sessions.turning())
                .build();
    }

    @Produces
    @Singleton
    @Readiness
    HealthCheck ready() {
        return () -> HealthCheckResponse.named("recovered")
                .status(agent.recovered()
                        && !agent.stopping()
                        && sessions.storeTrouble().isEmpty())
                .withData("store", sessions.storeTrouble().orElse("writable"))
                .withData("stopping", agent.stopping())
                .withData("cgroups", agent.cgroups().available())
                .withData("cgroupsWhy", agent.cgroups().why())
                .withData("requestBudget", kube.settings().effective().budget().toString())
                .withData(
                        "requestBudgetFrom",
                        kube.settings().effective().source().text())
                .withData("requestBudgetRefused", kube.settings().effective().refused())
                .withData("cluster", kube.configured())
                .build();
    }

    @Produces
    @Singleton
    @Startup
    HealthCheck started() {
        return () ->
                HealthCheckResponse.named("recovery").status(agent.recovered()).build();
    }
}
