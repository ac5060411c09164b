package dev.holdfast.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/** What the local gate says by itself, in the API server's own form, so that clients understand it. */
final class Replies {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Replies() {}

    static void refuse(HttpServerResponse response, int status, String reason, String message) {
        if (response.ended() || response.closed()) {
            return;
        }
        String body = JSON.createObjectNode()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Failure")
                .put("message", "holdfast: " + message)
                .put("reason", reason)
                .put("code", status)
                .toString();
        response.setStatusCode(status).putHeader("Content-Type", Cluster.JSON).end(Buffer.buffer(body));
    }

    /** As the API server does it, so that a client waits and comes again. */
    static void throttle(HttpServerResponse response, String message) {
        if (!response.ended() && !response.closed()) {
            response.putHeader("Retry-After", "1");
            refuse(response, 429, "TooManyRequests", message);
        }
    }
}
