package dev.holdfast.api;

import dev.holdfast.session.Session;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.Sessions;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The transfers of this node. */
@Path("/api/v1/sessions")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "sessions", description = "Transfers, from request to reported outcome")
public final class SessionResource {
    private final Sessions sessions;
    private final AgentState agent;

    @Inject
    SessionResource(Sessions sessions, AgentState agent) {
        this.sessions = sessions;
        this.agent = agent;
    }

    @GET
    @Operation(operationId = "listSessions", summary = "All sessions, oldest first")
    public List<SessionView> list() {
        return sessions.all().stream().map(SessionView::of).toList();
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "showSession", summary = "One session")
    @APIResponse(responseCode = "200", description = "the session")
    @APIResponse(responseCode = "404", description = "no session has this id")
    public SessionView show(String id) {
        return SessionView.of(found(id));
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "submitSession", summary = "Asks for a transfer")
    @SecurityRequirement(name = "token")
    @APIResponse(responseCode = "201", description = "taken in; it is durable from now on")
    @APIResponse(responseCode = "200", description = "the same order had been taken in before under this id")
    @APIResponse(responseCode = "400", description = "the order is not well-formed; the detail names the field")
    @APIResponse(responseCode = "409", description = "another order has this id")
    @APIResponse(responseCode = "503", description = "the agent is starting or ending")
    public RestResponse<SessionView> submit(@Nullable SessionOrder order, UriInfo uri) {
        if (order == null) {
            throw ApiException.invalid("the body is missing: one JSON object is needed");
        }
        var request = order.request();
        Optional<SessionId> id = order.sessionId();
        agent.requireOpen();
        boolean known = id.flatMap(sessions::find).isPresent();
        Session session = id.map(it -> sessions.submit(it, request)).orElseGet(() -> sessions.submit(request));
        SessionView view = SessionView.of(session);
        return known
                ? RestResponse.ok(view)
                : RestResponse.ResponseBuilder.<SessionView>created(
                                uri.getAbsolutePathBuilder().path(view.id()).build())
                        .entity(view)
                        .build();
    }

    @PATCH
    @Path("{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "limitSession", summary = "Changes the limit of source bytes per second; 0 lifts it")
    @SecurityRequirement(name = "token")
    @APIResponse(responseCode = "200", description = "in force")
    @APIResponse(responseCode = "202", description = "noted; the mover is told as soon as it answers")
    @APIResponse(responseCode = "409", description = "the session has ended")
    public RestResponse<SessionView> limit(@PathParam("id") String id, @Nullable SessionChange change) {
        if (change == null || change.bytesPerSecondMax() == null) {
            throw ApiException.invalid("field \"bytesPerSecondMax\" is missing: 0 means no limit");
        }
        long bytesPerSecondMax = SessionOrder.limit(change.bytesPerSecondMax());
        Session session = found(id);
        if (session.outcome().isPresent()) {
            throw new ApiException(409, "SESSION_ENDED", "session " + id + " has ended");
        }
        boolean taken = sessions.limit(session.id(), bytesPerSecondMax);
        return RestResponse.status(
                taken ? RestResponse.Status.OK : RestResponse.Status.ACCEPTED, SessionView.of(found(id)));
    }

    @DELETE
    @Path("{id}")
    @ResponseStatus(202)
    @Operation(operationId = "cancelSession", summary = "Gives a session up; what it sent stays in the repository")
    @SecurityRequirement(name = "token")
    @APIResponse(responseCode = "202", description = "it will end as canceled, or as completed if it is done already")
    @APIResponse(responseCode = "404", description = "no session has this id")
    public SessionView cancel(String id) {
        return SessionView.of(sessions.cancel(found(id).id()));
    }

    private Session found(String id) {
        return sessions.find(SessionOrder.sessionId(id)).orElseThrow(() -> {
            if (!agent.recovered()) {
                return new ApiException(503, "NOT_READY", "the agent is still reading its sessions; try again");
            }
            return new ApiException(
                    404, "SESSION_UNKNOWN", "no session has the id " + id + "; `holdfast sessions` lists them");
        });
    }
}
