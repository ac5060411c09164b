package dev.holdfast.api;

import dev.holdfast.kube.Kube;
import dev.holdfast.session.Session;
import dev.holdfast.session.Sessions;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Comparator;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The agent for people: one page without script that renews itself. */
@Path("/")
public final class StatusPage {
    private static final int ROWS_MAX = 200;

    private final Sessions sessions;
    private final AgentState agent;
    private final Kube kube;
    private final AgentMetrics metrics;

    @Inject
    StatusPage(Sessions sessions, AgentState agent, Kube kube, AgentMetrics metrics) {
        this.sessions = sessions;
        this.agent = agent;
        this.kube = kube;
        this.metrics = metrics;
    }

    @CheckedTemplate
    static final class Templates {
        private Templates() {}

        static native TemplateInstance status(
                AgentView agent, List<StatusRow> rows, RecoveryView recovery, long hidden, KubeView kube);
    }

    @GET
    @Blocking
    @Produces(MediaType.TEXT_HTML)
    @Operation(hidden = true)
    public TemplateInstance show() {
        List<Session> all = sessions.all();
        List<StatusRow> rows = all.stream()
                .sorted(Comparator.comparing((Session it) -> it.outcome().isPresent())
                        .thenComparing(Session::created, Comparator.reverseOrder()))
                .limit(ROWS_MAX)
                .map(StatusRow::of)
                .toList();
        RecoveryView recovery = RecoveryView.of(sessions.lastRecovery(), sessions.quarantined());
        return Templates.status(
                AgentView.of(agent, all, sessions.storeTrouble()),
                rows,
                recovery,
                all.size() - rows.size(),
                KubeView.of(kube, metrics.kubeFigures()));
    }
}
