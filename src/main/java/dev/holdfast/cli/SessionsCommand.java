package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows sessions. */
@Command(
        name = "sessions",
        mixinStandardHelpOptions = true,
        description = "List the agent's sessions, or show one of them.")
final class SessionsCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "<id>", description = "show this one with its history")
    @Nullable
    String id;

    @Option(names = "--watch", description = "with an id: follow it to its end; without: redraw every second")
    boolean watch;

    @Option(names = "--json", description = "print JSON")
    boolean json;

    @Mixin
    AgentOptions agent = new AgentOptions();

    @Override
    public Integer call() throws CliException, InterruptedException {
        AgentClient client = agent.client();
        if (id == null) {
            return list(client);
        }
        if (watch) {
            return new Follower(client, json).follow(id);
        }
        JsonNode session = client.session(id);
        if (json) {
            System.out.println(Json.pretty(session));
        } else {
            show(session, System.out);
        }
        return ExitCode.OK.number();
    }

    private int list(AgentClient client) throws CliException, InterruptedException {
        boolean redraw = watch && Terminal.isTerminal(1) && !json;
        while (true) {
            JsonNode sessions = client.sessions();
            if (redraw) {
                System.out.print("\033[H\033[2J");
            }
            if (json) {
                System.out.println(Json.line(sessions));
            } else {
                table(sessions, System.out);
            }
            if (!watch) {
                return ExitCode.OK.number();
            }
            Thread.sleep(1000);
        }
    }

    private static void table(JsonNode sessions, PrintStream out) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"SESSION", "KIND", "STATE", "DONE", "MOVER", "ATTEMPT", "WHAT"});
        for (JsonNode session : sessions) {
            rows.add(new String[] {
                Json.text(session, "id", "?"),
                Json.text(session, "kind", "?"),
                state(session),
                done(session.path("progress")),
                Json.text(session.path("mover"), "pid", "-"),
                Json.text(session, "attempt", "-"),
                what(session)
            });
        }
        if (rows.size() == 1) {
            out.println("no sessions");
        } else {
            Table.print(rows, out);
        }
    }

    private static void show(JsonNode session, PrintStream out) {
        JsonNode progress = session.path("progress");
        JsonNode totals = session.path("totals");
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"session", Json.text(session, "id", "?")});
        rows.add(new String[] {"what", what(session)});
        rows.add(new String[] {"repository", Json.text(session, "repository", "?")});
        rows.add(new String[] {"state", state(session)});
        rows.add(new String[] {"snapshot", Json.text(session, "snapshot", "-")});
        rows.add(new String[] {
            "done",
            done(progress) + ", " + Figures.count(progress.path("filesDone").asLong()) + " entries"
        });
        rows.add(new String[] {
            "sent",
            Figures.bytes(totals.path("bytesSent").asLong()) + ", again "
                    + Figures.bytes(totals.path("bytesSentAgain").asLong()) + "; read again "
                    + Figures.bytes(totals.path("bytesReadAgain").asLong())
        });
        rows.add(new String[] {"mover", Json.text(session.path("mover"), "pid", "-")});
        rows.add(new String[] {"attempt", Json.text(session, "attempt", "-")});
        if (Json.text(session.path("failure"), "message") != null) {
            rows.add(new String[] {
                "failure",
                Json.text(session.path("failure"), "code", "?") + ": "
                        + Json.text(session.path("failure"), "message", "?")
            });
        }
        Table.print(rows, out);
        Follower.warnings(session).forEach(out::println);
        for (JsonNode step : session.path("history")) {
            out.println("  " + Json.text(step, "at", "") + "  " + Json.text(step, "from", "") + " -> "
                    + Json.text(step, "to", "") + "  (" + Json.text(step, "event", "") + ")");
        }
    }

    private static String state(JsonNode session) {
        String outcome = Json.text(session, "outcome");
        return (outcome == null ? Json.text(session, "state", "?") : outcome).toLowerCase(Locale.ROOT);
    }

    private static String done(JsonNode progress) {
        long done = progress.path("bytesDone").asLong(0);
        long total = progress.path("bytesTotal").asLong(-1);
        return total > 0 ? done * 100 / total + " % of " + Figures.bytes(total) : Figures.bytes(done);
    }

    private static String what(JsonNode session) {
        return Json.text(session, "kind", "").equals("restore")
                ? Json.text(session, "snapshot", "?") + " -> " + Json.text(session, "target", "?")
                : Json.text(session, "source", "?");
    }
}
