package dev.holdfast.processes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.linux.FreePorts;
import dev.holdfast.processes.Workspace.RepositoryFiles;
import dev.holdfast.testing.SmallDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A packaged agent in a process of its own, with free ports and a state directory of the test's. */
final class AgentProcess {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PAGE_TIMEOUT = Duration.ofSeconds(10);
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final Workspace workspace;
    private final Process process;
    private final Path state;
    private final Path log;
    private final int port;
    private final int management;
    private final long begun = System.nanoTime();
    private Duration ready = Duration.ZERO;

    private AgentProcess(Workspace workspace, Process process, Path state, Path log, int port, int management) {
        this.workspace = workspace;
        this.process = process;
        this.state = state;
        this.log = log;
        this.port = port;
        this.management = management;
    }

    /** Starts one and does not wait for it. {@code settings} are environment variables. */
    static AgentProcess launch(Workspace workspace, Map<String, String> settings) {
        return launch(workspace, settings, Packaged.command("agent"), UnaryOperator.identity());
    }

    /** Starts one that sees a small disk, and does not wait for it. */
    static AgentProcess launch(Workspace workspace, Map<String, String> settings, SmallDisk disk) {
        return launch(workspace, settings, disk.seenBy(Packaged.command("agent")), disk::fromOutside);
    }

    /** Starts one with another bound on its heap, and waits until it is ready. */
    static AgentProcess startWithHeap(Workspace workspace, Map<String, String> settings, String heap) {
        return awaitReady(launch(workspace, settings, Packaged.withHeap(heap, "agent"), UnaryOperator.identity()));
    }

    private static AgentProcess launch(
            Workspace workspace, Map<String, String> settings, List<String> command, UnaryOperator<Path> seen) {
        try {
            Path state = Path.of(settings.getOrDefault(
                    "HOLDFAST_STATE_DIR", workspace.path("state").toString()));
            Path log = workspace.freshLog();
            List<Integer> free = FreePorts.find(2);
            int port = port(settings, "QUARKUS_HTTP_PORT", free.get(0));
            int management = port(settings, "QUARKUS_MANAGEMENT_PORT", free.get(1));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .redirectInput(Path.of("/dev/null").toFile());
            Map<String, String> environment = builder.environment();
            environment.put("HOLDFAST_STATE_DIR", state.toString());
            environment.put("HOLDFAST_RUN_DIR", workspace.path("run").toString());
            environment.put("HOLDFAST_SESSION_RETRY_FIRST", "100ms");
            environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
            environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(management));
            environment.putAll(settings);
            AgentProcess agent = new AgentProcess(workspace, builder.start(), seen.apply(state), log, port, management);
            workspace.own(agent.process);
            return agent;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts one and waits until it is ready. */
    static AgentProcess start(Workspace workspace, Map<String, String> settings) {
        return awaitReady(launch(workspace, settings));
    }

    /** Starts one that sees a small disk, and waits until it is ready. */
    static AgentProcess start(Workspace workspace, Map<String, String> settings, SmallDisk disk) {
        return awaitReady(launch(workspace, settings, disk));
    }

    private static AgentProcess awaitReady(AgentProcess agent) {
        try {
            Waiting.until("agent ready", agent.workspace.patience(Duration.ofSeconds(60)), () -> {
                if (!agent.process.isAlive()) {
                    throw new IllegalStateException("agent ended with " + agent.process.exitValue());
                }
                return agent.isReady();
            });
        } catch (AssertionError | IllegalStateException e) {
            throw new AssertionError(e.getMessage() + "\n" + agent.readiness() + "\n" + agent.log(), e);
        }
        agent.ready = Duration.ofNanos(System.nanoTime() - agent.begun);
        agent.workspace.started(agent.ready);
        return agent;
    }

    long pid() {
        return process.pid();
    }

    /** From the start of the process to ready. */
    Duration ready() {
        return ready;
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
        awaitExit(Duration.ofSeconds(10));
    }

    /** SIGTERM; returns how long it took to leave. */
    Duration terminate(Duration within) {
        long from = System.nanoTime();
        process.destroy();
        awaitExit(within);
        return Duration.ofNanos(System.nanoTime() - from);
    }

    /** Returns the exit code. */
    int awaitExit(Duration within) {
        try {
            if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("agent " + pid() + " did not end within " + within + "\n" + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** An address of its API. */
    URI address(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** An address on its port for operators. */
    URI management(String path) {
        return URI.create("http://127.0.0.1:" + management + path);
    }

    /** What writes need. */
    String token() {
        try {
            return Files.readString(state.resolve("api.token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it wrote. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Submits a backup and returns the session's id. */
    String backup(RepositoryFiles repository, Path source, int workers, long bytesPerSecondMax) {
        return submit(
                repository,
                JSON.createObjectNode()
                        .put("kind", "backup")
                        .put("source", source.toString())
                        .put("workers", workers)
                        .put("bytesPerSecondMax", bytesPerSecondMax));
    }

    /** Restores and waits for the end. */
    JsonNode restore(RepositoryFiles repository, String snapshot, Path target) {
        return awaitEnd(submit(
                repository,
                JSON.createObjectNode()
                        .put("kind", "restore")
                        .put("snapshot", snapshot)
                        .put("target", target.toString())));
    }

    private String submit(RepositoryFiles repository, ObjectNode request) {
        request.put("repository", repository.directory().toString());
        request.put("keyFile", repository.key().toString());
        return call("POST", "sessions", request).path("id").asText();
    }

    JsonNode session(String id) {
        return call("GET", "sessions/" + id, null);
    }

    /** How it uses the API server. */
    JsonNode kube() {
        return call("GET", "kube", null);
    }

    /** Waits until it knows what the cluster has. */
    void awaitDiscovery() {
        Waiting.until(
                "discovery",
                Duration.ofSeconds(20),
                () -> kube().path("discovery").path("resources").asInt() > 0);
    }

    List<JsonNode> sessions() {
        List<JsonNode> sessions = new ArrayList<>();
        call("GET", "sessions", null).forEach(sessions::add);
        return sessions;
    }

    JsonNode recovery() {
        return call("GET", "recovery", null);
    }

    void limit(String id, long bytesPerSecondMax) {
        call("PATCH", "sessions/" + id, JSON.createObjectNode().put("bytesPerSecondMax", bytesPerSecondMax));
    }

    /** Waits until a mover has moved at least so much, and returns the session as it was then. */
    JsonNode awaitBytes(String id, long bytes) {
        return Waiting.forThe("session " + id + " at " + bytes + " bytes", Duration.ofMinutes(2), () -> {
            JsonNode session = session(id);
            if (!session.path("outcome").isNull()) {
                throw new IllegalStateException("session ended too early: " + session.toPrettyString());
            }
            return session.path("progress").path("bytesDone").asLong() >= bytes && mover(session) > 0 ? session : null;
        });
    }

    /** Waits until the session waits for something to pass; returns what it says of that. It must not end of it. */
    String awaitTrouble(String id, String code) {
        return Waiting.forThe("session " + id + " in " + code, Duration.ofMinutes(2), () -> {
            JsonNode session = session(id);
            if (!session.path("outcome").isNull()) {
                throw new IllegalStateException("session ended of it: " + session.toPrettyString());
            }
            JsonNode failure = session.path("failure");
            return failure.path("code").asText().equals(code)
                    ? failure.path("message").asText()
                    : null;
        });
    }

    JsonNode awaitEnd(String id) {
        return Waiting.forThe("end of session " + id, Duration.ofMinutes(3), () -> {
            JsonNode session = session(id);
            return session.path("outcome").isNull() ? null : session;
        });
    }

    /** The pid of the session's mover, or -1. */
    static long mover(JsonNode session) {
        return session.path("mover").path("pid").asLong(-1);
    }

    boolean isReady() {
        return readiness().startsWith("200 ");
    }

    /** Status and body of the readiness check. */
    String readiness() {
        try {
            HttpResponse<String> answer = get(management("/q/health/ready"));
            return answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The status page. */
    String page() {
        try {
            return get(address("/")).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> get(URI address) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(address).timeout(PAGE_TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode call(String method, String path, @Nullable JsonNode body) {
        try {
            HttpRequest request = HttpRequest.newBuilder(address("/api/v1/" + path))
                    .header("Content-Type", "application/json")
                    .header("Authorization", "Bearer " + token())
                    .timeout(Duration.ofSeconds(30))
                    .method(
                            method,
                            body == null
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(body.toString()))
                    .build();
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 400) {
                throw new AssertionError(method + " " + path + ": " + response.statusCode() + " " + response.body());
            }
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path + "\n" + log(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static int port(Map<String, String> settings, String name, int free) {
        return settings.containsKey(name) ? Integer.parseInt(settings.get(name)) : free;
    }
}
