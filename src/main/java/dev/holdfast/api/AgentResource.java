package dev.holdfast.api;

import dev.holdfast.session.Sessions;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeType;
import org.eclipse.microprofile.openapi.annotations.security.SecurityScheme;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The agent itself. */
@Path("/api/v1/agent")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "agent", description = "The agent and its last start")
@SecurityScheme(
        securitySchemeName = "token",
        type = SecuritySchemeType.HTTP,
        scheme = "bearer",
        description = "Content of the file api.token in the agent's state directory")
public final class AgentResource {
    private final AgentState agent;
    private final Sessions sessions;

    @Inject
    AgentResource(AgentState agent, Sessions sessions) {
        this.agent = agent;
        this.sessions = sessions;
    }

    @GET
    @Operation(operationId = "showAgent", summary = "Version, state directory, cgroups, number of sessions")
    public AgentView show() {
        return AgentView.of(agent, sessions.all(), sessions.storeTrouble());
    }
}
