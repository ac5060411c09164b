package dev.holdfast.api;

import dev.holdfast.session.Sessions;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What the last start found. */
@Path("/api/v1/recovery")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "agent")
public final class RecoveryResource {
    private final Sessions sessions;

    @Inject
    RecoveryResource(Sessions sessions) {
        this.sessions = sessions;
    }

    @GET
    @Operation(operationId = "showRecovery", summary = "What this agent's start made of the sessions it found")
    public RecoveryView show() {
        return RecoveryView.of(sessions.lastRecovery(), sessions.quarantined());
    }
}
