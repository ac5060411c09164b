package dev.holdfast.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.linux.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Talks to an agent over REST. Every failure comes out as a {@link CliException} that says what to do. */
public final class AgentClient {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final URI base;
    private final @Nullable Path stateDirectory;

    /** @param stateDirectory where the token is, or null to ask the agent */
    public AgentClient(URI base, @Nullable Path stateDirectory) {
        if (base.getHost() == null || base.getScheme() == null) {
            throw new IllegalArgumentException("address without scheme or host: " + base);
        }
        if (!base.getScheme().matches("https?") || base.getPort() > 65535) {
            throw new IllegalArgumentException("neither http nor https, or no such port: " + base);
        }
        this.base = base;
        this.stateDirectory = stateDirectory;
    }

    /** The agent does not do it now, but soon it may: it comes or goes. */
    static final class AgentAway extends CliException {
        private static final long serialVersionUID = 1;
        private static final Duration STARTING_MAX = Duration.ofSeconds(5);
        private static final Duration BUSY_MAX = Duration.ofMinutes(2);
        private final Duration worthWaiting;

        private AgentAway(Duration worthWaiting, String message, @Nullable Throwable cause) {
            super(ExitCode.UNREACHABLE, message, cause);
            this.worthWaiting = worthWaiting;
        }

        /** Nobody listens: there is none, or it has been started a moment ago. */
        static AgentAway silent(String message, Throwable cause) {
            return new AgentAway(STARTING_MAX, message, cause);
        }

        /** Somebody listens, or has until now. */
        static AgentAway busy(String message, @Nullable Throwable cause) {
            return new AgentAway(BUSY_MAX, message, cause);
        }

        /** How long, from the first try on, it makes sense to try again. */
        Duration worthWaiting() {
            return worthWaiting;
        }
    }

    /** What the agent says of itself. */
    public JsonNode agent() throws CliException {
        return call("GET", "agent", null, null);
    }

    public JsonNode sessions() throws CliException {
        return call("GET", "sessions", null, null);
    }

    public JsonNode session(String id) throws CliException {
        return call("GET", "sessions/" + checked(id), null, null);
    }

    /** What the last start found. */
    public JsonNode recovery() throws CliException {
        return call("GET", "recovery", null, null);
    }

    public JsonNode submit(JsonNode request) throws CliException {
        return call("POST", "sessions", request, token());
    }

    public JsonNode cancel(String id) throws CliException {
        return call("DELETE", "sessions/" + checked(id), null, token());
    }

    /** Asks for a backup of Kubernetes objects. */
    public JsonNode submitObjects(JsonNode order) throws CliException {
        return call("POST", "objects", order, token());
    }

    public JsonNode objectBackup(String id) throws CliException {
        return call("GET", "objects/" + checked(id), null, null);
    }

    /** Gives a backup of Kubernetes objects up. */
    public JsonNode cancelObjects(String id) throws CliException {
        return call("DELETE", "objects/" + checked(id), null, token());
    }

    /** Changes the rate limit; 0 lifts it. */
    public JsonNode limit(String id, long bytesPerSecondMax) throws CliException {
        JsonNode change = Json.object().put("bytesPerSecondMax", bytesPerSecondMax);
        return call("PATCH", "sessions/" + checked(id), change, token());
    }

    /** How the node uses the API server. */
    public JsonNode kube() throws CliException {
        return call("GET", "kube", null, null);
    }

    /** Changes the request budget until the agent ends. */
    public JsonNode setBudget(JsonNode order) throws CliException {
        return call("PUT", "kube/budget", order, token());
    }

    /** Goes back to the configured request budget. */
    public JsonNode resetBudget() throws CliException {
        return call("DELETE", "kube/budget", null, token());
    }

    URI address() {
        return base;
    }

    private String token() throws CliException {
        Path directory = stateDirectory;
        if (directory == null) {
            String told = Json.text(agent(), "stateDir");
            directory = Path.of(told == null ? "/var/lib/holdfast" : told);
        }
        Path file = directory.resolve("api.token");
        try {
            return Files.readString(file, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            String own = Json.text(agent(), "stateDir"); // With no agent there, this says so instead.
            throw new CliException(
                    ExitCode.REFUSED,
                    "read the agent's token " + file + ": " + Reason.of(e)
                            + "; run as the user the agent runs as, with its --state-dir"
                            + (own == null ? "" : " " + own),
                    e);
        }
    }

    private JsonNode call(String method, String path, @Nullable JsonNode body, @Nullable String token)
            throws CliException {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve("/api/v1/" + path))
                .timeout(PATIENCE)
                .header("Accept", "application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(Json.line(body)));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return answer(method, path, response.statusCode(), response.body());
        } catch (ConnectException e) {
            throw AgentAway.silent(
                    "reach the agent at " + base + ": nobody listens there"
                            + "; start it with `holdfast agent`, or run backup and restore with --standalone",
                    e);
        } catch (IOException e) {
            throw AgentAway.busy("reach the agent at " + base + ": " + Reason.of(e) + "; see its log", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(ExitCode.FAILED, method + " " + path + ": interrupted", e);
        }
    }

    private JsonNode answer(String method, String path, int status, String text) throws CliException {
        JsonNode node;
        try {
            node = text.isBlank() ? Json.object() : Json.read(text);
        } catch (JsonProcessingException e) {
            throw new CliException(
                    status < 400 ? ExitCode.UNREACHABLE : ExitCode.FAILED,
                    method + " " + base + "/api/v1/" + path + ": status " + status
                            + " without JSON; is something else listening there? see --agent",
                    e);
        }
        if (status < 400) {
            return node;
        }
        String detail = Json.text(node, "detail", Json.text(node, "title", "status " + status));
        if (status == 503) {
            throw AgentAway.busy(detail, null);
        }
        ExitCode exit = status == 401 || status == 403 || status == 409 || status == 422
                ? ExitCode.REFUSED
                : status == 400 ? ExitCode.USAGE : ExitCode.FAILED;
        throw new CliException(exit, detail);
    }

    private static String checked(String id) throws CliException {
        if (!id.matches("[a-z0-9-]{1,48}")) {
            throw new CliException(ExitCode.USAGE, "session id \"" + id + "\": see `holdfast sessions` for the ids");
        }
        return id;
    }
}
