package dev.holdfast.api;

import dev.holdfast.backup.BackupOrder;
import dev.holdfast.backup.BackupRun;
import dev.holdfast.backup.ObjectBackups;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Backups of Kubernetes objects. */
@Path("/api/v1/objects")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "objects", description = "Backups of Kubernetes objects, in archives of the layout of Velero")
public final class ObjectResource {
    private final ObjectBackups backups;
    private final AgentState agent;

    @Inject
    ObjectResource(ObjectBackups backups, AgentState agent) {
        this.backups = backups;
        this.agent = agent;
    }

    @GET
    @Operation(
            operationId = "listObjectBackups",
            summary = "The last backups of this agent, oldest first; of reports the counts without lines")
    public List<ObjectView> list() {
        return backups.all().stream().map(ObjectView::of).toList();
    }

    @GET
    @Path("{id}")
    @Operation(
            operationId = "showObjectBackup",
            summary = "One backup, with its report at the end; lines are kept of the last five reports")
    @APIResponse(responseCode = "200", description = "the backup")
    @APIResponse(responseCode = "404", description = "no backup has this id")
    public ObjectView show(String id) {
        return ObjectView.of(backups.find(id).orElseThrow(() -> unknown(id)));
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "backupObjects", summary = "Asks for a backup")
    @SecurityRequirement(name = "token")
    @APIResponse(responseCode = "201", description = "taken in; an agent that ends forgets it")
    @APIResponse(responseCode = "400", description = "the order is not well-formed; the detail names the field")
    @APIResponse(responseCode = "429", description = "too many are waiting")
    @APIResponse(responseCode = "503", description = "the agent is starting or ending")
    public RestResponse<ObjectView> submit(@Nullable ObjectOrder body, UriInfo uri) {
        if (body == null) {
            throw ApiException.invalid("the body is missing: one JSON object is needed");
        }
        BackupOrder order = body.order();
        agent.requireOpen();
        BackupRun run = backups.submit(order)
                .orElseThrow(() -> new ApiException(
                        429, "TOO_MANY", "too many backups of objects are waiting; try again when one has ended"));
        return RestResponse.ResponseBuilder.<ObjectView>created(
                        uri.getAbsolutePathBuilder().path(run.id()).build())
                .entity(ObjectView.of(run))
                .build();
    }

    @DELETE
    @Path("{id}")
    @ResponseStatus(202)
    @Operation(operationId = "cancelObjectBackup", summary = "Gives a backup up; no archive is left")
    @SecurityRequirement(name = "token")
    @APIResponse(responseCode = "202", description = "it will end soon, if it has not ended")
    @APIResponse(responseCode = "404", description = "no backup has this id")
    public ObjectView cancel(String id) {
        return ObjectView.of(backups.cancel(id).orElseThrow(() -> unknown(id)));
    }

    private static ApiException unknown(String id) {
        return new ApiException(
                404, "BACKUP_UNKNOWN", "no backup of objects has the id " + id + "; an agent forgets them at its end");
    }
}
