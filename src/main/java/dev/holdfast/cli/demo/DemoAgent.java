package dev.holdfast.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.cli.AgentClient;
import dev.holdfast.cli.CliException;
import dev.holdfast.cli.ExitCode;
import dev.holdfast.cli.ThisProgram;
import dev.holdfast.linux.FreePorts;
import dev.holdfast.linux.Reason;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An agent in a process of its own, with its own ports and state directory. */
final class DemoAgent {
    private static final Duration START_MAX = Duration.ofSeconds(60);

    private final Process process;
    private final Duration ready;
    private final AgentClient client;

    private DemoAgent(Process process, Duration ready, AgentClient client) {
        this.process = process;
        this.ready = ready;
        this.client = client;
    }

    /** Returns once it says that it is ready. */
    static DemoAgent start(DemoFolder work, int number) throws CliException, InterruptedException {
        Path state = work.path().resolve("state");
        Path log = work.path().resolve("agent-" + number + ".log");
        try {
            List<Integer> ports = FreePorts.find(2);
            int port = ports.get(0);
            int management = ports.get(1);
            List<String> command = new ArrayList<>(ThisProgram.command(List.of()));
            command.add("agent");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
            builder.environment()
                    .keySet()
                    .removeIf(name -> name.startsWith("HOLDFAST_") || name.startsWith("QUARKUS_"));
            builder.environment().put("HOLDFAST_STATE_DIR", state.toString());
            builder.environment()
                    .put("HOLDFAST_RUN_DIR", work.path().resolve("run").toString());
            // Where the agent takes its surroundings for a container it would stop its movers with itself.
            builder.environment().put("HOLDFAST_SHUTDOWN_MOVERS", "keep");
            builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
            builder.environment().put("QUARKUS_MANAGEMENT_PORT", Integer.toString(management));
            long begun = System.nanoTime();
            Process process = builder.start();
            work.own(process);
            awaitReady(process, management, log);
            Duration ready = Duration.ofNanos(System.nanoTime() - begun);
            return new DemoAgent(process, ready, new AgentClient(URI.create("http://127.0.0.1:" + port), state));
        } catch (IOException e) {
            throw new CliException(ExitCode.FAILED, "start an agent: " + Reason.of(e), e);
        }
    }

    AgentClient client() {
        return client;
    }

    long pid() {
        return process.pid();
    }

    /** From the start of the process to ready. */
    Duration ready() {
        return ready;
    }

    /** SIGTERM; returns how long it took to leave. */
    Duration terminate() throws InterruptedException, CliException {
        return end(process::destroy);
    }

    /** SIGKILL. */
    Duration kill() throws InterruptedException, CliException {
        return end(process::destroyForcibly);
    }

    private Duration end(Runnable signal) throws InterruptedException, CliException {
        long begun = System.nanoTime();
        signal.run();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new CliException(ExitCode.FAILED, "agent " + process.pid() + " did not leave within 60 s");
        }
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private static void awaitReady(Process process, int management, Path log)
            throws InterruptedException, CliException, IOException {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/q/health/ready"))
                .timeout(Duration.ofSeconds(5))
                .build();
        long end = System.nanoTime() + START_MAX.toNanos();
        while (System.nanoTime() < end) {
            if (!process.isAlive()) {
                throw new CliException(
                        ExitCode.FAILED, "the agent ended at once with " + process.exitValue() + ":\n" + tail(log));
            }
            try {
                if (http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException _) {
                // Not listening yet.
            }
            Thread.sleep(20);
        }
        throw new CliException(ExitCode.FAILED, "the agent was not ready after a minute:\n" + tail(log));
    }

    private static String tail(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    /** The pid of the session's mover, or -1. */
    static long mover(JsonNode session) {
        return session.path("mover").path("pid").asLong(-1);
    }
}
