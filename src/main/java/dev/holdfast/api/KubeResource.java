package dev.holdfast.api;

import dev.holdfast.kube.BudgetSettings;
import dev.holdfast.kube.BudgetSource;
import dev.holdfast.kube.Kube;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The request budget of this node, and what it is used for. */
@Path("/api/v1/kube")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "kube", description = "How this node uses the API server")
public final class KubeResource {
    private final Kube kube;
    private final AgentMetrics metrics;

    @Inject
    KubeResource(Kube kube, AgentMetrics metrics) {
        this.kube = kube;
        this.metrics = metrics;
    }

    /** Body of PUT; what is absent is left to the other sources. */
    public record BudgetOrder(
            @Nullable Double qps, @Nullable Integer burst) {}

    @GET
    @Operation(operationId = "showKube", summary = "Request budget, discovery, and figures since the start")
    public KubeView show() {
        return KubeView.of(kube, metrics.kubeFigures());
    }

    @PUT
    @Path("budget")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "setBudget", summary = "Changes the request budget until the agent ends")
    @SecurityRequirement(name = "token")
    @APIResponse(responseCode = "200", description = "in force, in all children as well within a second")
    @APIResponse(responseCode = "400", description = "the pair makes no sense; the one before stays in force")
    public KubeView set(@Nullable BudgetOrder order) {
        if (order == null || order.qps() == null && order.burst() == null) {
            throw ApiException.invalid("one of the fields \"qps\" and \"burst\" is needed");
        }
        Integer burst = order.burst();
        return change(new BudgetSettings.Layer(order.qps(), burst == null ? null : (double) burst));
    }

    @DELETE
    @Path("budget")
    @Operation(operationId = "resetBudget", summary = "Goes back to what the configured sources say")
    @SecurityRequirement(name = "token")
    public KubeView reset() {
        return change(BudgetSettings.Layer.EMPTY);
    }

    private KubeView change(BudgetSettings.Layer layer) {
        kube.settings().change(BudgetSource.LIVE, layer).ifPresent(problem -> {
            throw ApiException.invalid(problem);
        });
        return show();
    }
}
