package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Hands a request to an agent and shows how it goes. Leaving it, by Ctrl-C or by a lost agent, ends nothing. */
final class Follower {
    private static final Duration POLL = Duration.ofMillis(400);
    private static final Duration AGENT_AWAY_MAX = Duration.ofMinutes(2);

    private final AgentClient client;
    private final boolean json;
    private final Terminal terminal = Terminal.standard();
    private final ProgressView view;
    private final long begun = System.nanoTime();

    Follower(AgentClient client, boolean json) {
        this.client = client;
        this.json = json;
        this.view = ProgressView.of(terminal, json);
    }

    int submit(ObjectNode request, TransferOptions options) throws CliException, InterruptedException {
        if (options.workers() > 0) {
            request.put("workers", options.workers());
        }
        if (options.bytesPerSecondMax() > 0) {
            request.put("bytesPerSecondMax", options.bytesPerSecondMax());
        }
        // An id of our own: the same order sent twice, because an answer was lost, is one session.
        JsonNode session = submitted(request.put("id", UUID.randomUUID().toString()));
        String id = Json.text(session, "id", "");
        if (options.detach) {
            terminal.out().println(json ? Json.line(session) : id);
            return ExitCode.OK.number();
        }
        if (!json) {
            view.say("session " + id + ": the agent's mover does the work; Ctrl-C leaves it running");
        }
        return follow(id);
    }

    /** An agent that starts or ends is waited for. */
    private JsonNode submitted(ObjectNode request) throws CliException, InterruptedException {
        long begun = System.nanoTime();
        boolean told = false;
        while (true) {
            try {
                return client.submit(request);
            } catch (AgentClient.AgentAway e) {
                if (System.nanoTime() - begun > e.worthWaiting().toNanos()) {
                    throw e;
                }
                if (!told && !json) {
                    view.say(e.getMessage() + "; waiting");
                    told = true;
                }
            }
            Thread.sleep(POLL);
        }
    }

    /** Returns when the session has ended. */
    int follow(String id) throws CliException, InterruptedException {
        Thread farewell = new Thread(
                () -> System.err.println("\nsession " + id + " goes on without this command; `holdfast sessions " + id
                        + " --watch` shows it, `holdfast cancel " + id + "` ends it"));
        Runtime.getRuntime().addShutdownHook(farewell);
        try {
            JsonNode session = untilEnded(id);
            view.close();
            return tell(id, session);
        } finally {
            forget(farewell);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // It runs already.
        }
    }

    private JsonNode untilEnded(String id) throws CliException, InterruptedException {
        long lastHeard = System.nanoTime();
        boolean away = false;
        while (true) {
            try {
                JsonNode session = client.session(id);
                lastHeard = System.nanoTime();
                away = false;
                if (Json.text(session, "outcome") != null) {
                    return session;
                }
                view.show(label(session), ProgressView.Sample.of(session.path("progress")));
            } catch (CliException e) {
                boolean lost = e.exit() == ExitCode.UNREACHABLE;
                if (!lost || System.nanoTime() - lastHeard > AGENT_AWAY_MAX.toNanos()) {
                    throw lost
                            ? new CliException(
                                    ExitCode.UNREACHABLE,
                                    "follow session " + id + ": the agent at " + client.address()
                                            + " is away; its mover goes on alone. Start `holdfast agent` again, then"
                                            + " `holdfast sessions " + id + " --watch`",
                                    e)
                            : e;
                }
                if (!away) {
                    view.say("the agent is away; the mover goes on without it, waiting for the next one");
                    away = true;
                }
            }
            Thread.sleep(POLL);
        }
    }

    private int tell(String id, JsonNode session) {
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        if (json) {
            terminal.out().println(Json.line(session));
        } else {
            boolean failed = Json.text(session, "outcome", "").equalsIgnoreCase("failed");
            (failed ? terminal.err() : terminal.out()).println(summary(id, session, took));
        }
        ExitCode exit = exitOf(session);
        if (!json) {
            warnings(session).forEach(terminal.err()::println);
        }
        return exit.number();
    }

    /** One line for each kind of thing that could not be taken or restored as it is. */
    static List<String> warnings(JsonNode session) {
        List<String> lines = new ArrayList<>();
        for (JsonNode one : session.path("warnings")) {
            lines.add("warning: " + Figures.count(one.path("count").asLong()) + " " + Json.text(one, "kind", "other")
                    + ", the first: " + Json.text(one, "example", "?"));
        }
        return lines;
    }

    static ExitCode exitOf(JsonNode session) {
        return switch (Json.text(session, "outcome", "").toLowerCase(Locale.ROOT)) {
            case "completed" ->
                session.path("progress").path("warnings").asLong(0) > 0 ? ExitCode.PARTIAL : ExitCode.OK;
            case "canceled" -> ExitCode.CANCELED;
            default -> HoldfastCli.exitOf(Json.text(session.path("failure"), "code", ""));
        };
    }

    /** One or two words for the running session. */
    static String label(JsonNode session) {
        String state = Json.text(session, "state", "?").toLowerCase(Locale.ROOT);
        String kind = Json.text(session, "kind", "session");
        return state.equals("running") ? kind : kind + " (" + state + ")";
    }

    private static String summary(String id, JsonNode session, Duration took) {
        JsonNode progress = session.path("progress");
        JsonNode totals = session.path("totals");
        long sentAgain = totals.path("bytesSentAgain")
                .asLong(progress.path("bytesSentAgain").asLong());
        String figures = Figures.count(progress.path("filesDone").asLong()) + " entries, "
                + Figures.bytes(progress.path("bytesDone").asLong()) + ", sent "
                + Figures.bytes(totals.path("bytesSent")
                        .asLong(progress.path("bytesSent").asLong()))
                + (sentAgain > 0 ? " (again " + Figures.bytes(sentAgain) + ")" : "") + " in " + Figures.time(took);
        @Nullable String snapshot = Json.text(session, "snapshot");
        return switch (Json.text(session, "outcome", "").toLowerCase(Locale.ROOT)) {
            case "completed" ->
                (snapshot == null ? "session " + id + " completed" : "snapshot " + snapshot) + ": " + figures;
            case "canceled" -> "session " + id + " canceled after " + figures;
            default ->
                "holdfast: session " + id + " failed: "
                        + Json.text(session.path("failure"), "message", "the agent does not say why");
        };
    }
}
