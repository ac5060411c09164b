package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Asks an agent for a backup of Kubernetes objects and shows how it goes. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        description = "Back up Kubernetes objects, into an archive (--to) or a repository (--repository).")
final class ObjectsBackupCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int LINES_SHOWN_MAX = 20;

    @Option(names = "--to", paramLabel = "<file>", description = "archive to write on the agent's node")
    @Nullable
    Path file;

    @Mixin
    RepositoryOptions repository = new RepositoryOptions();

    @Option(names = "--name", paramLabel = "<name>", description = "what it is called (default: objects)")
    @Nullable
    String name;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "<name>",
            split = ",",
            description = "namespaces to take, * for parts of a name (default: all)")
    List<String> namespaces = new ArrayList<>();

    @Option(names = "--exclude-namespace", paramLabel = "<name>", split = ",", description = "namespaces to leave out")
    List<String> excludeNamespaces = new ArrayList<>();

    @Option(
            names = "--resource",
            paramLabel = "<name>",
            split = ",",
            description = "resources to take, such as pods, deployments.apps or *.example.com (default: all)")
    List<String> resources = new ArrayList<>();

    @Option(names = "--exclude-resource", paramLabel = "<name>", split = ",", description = "resources to leave out")
    List<String> excludeResources = new ArrayList<>();

    @Option(
            names = {"-l", "--labels"},
            paramLabel = "<selector>",
            description = "label selector, such as app=web,tier!=cache")
    @Nullable
    String labels;

    @Option(
            names = "--cluster-scope",
            paramLabel = "<auto|all|none>",
            description = "objects of the whole cluster: auto takes all of them with all namespaces, else those that"
                    + " others need (default: auto)")
    @Nullable
    String clusterScope;

    @Option(names = "--detach", description = "do not wait for its end")
    boolean detach;

    @Option(names = "--json", description = "print JSON lines")
    boolean json;

    @Mixin
    AgentOptions agent = new AgentOptions();

    @Override
    public Integer call() throws CliException, InterruptedException {
        AgentClient client = agent.client();
        JsonNode backup = client.submitObjects(order());
        String id = Json.text(backup, "id", "");
        if (detach) {
            System.out.println(json ? Json.line(backup) : id);
            return ExitCode.OK.number();
        }
        Terminal terminal = Terminal.standard();
        ProgressView view = ProgressView.of(terminal, json);
        while (Json.text(backup, "outcome") == null) {
            Thread.sleep(POLL);
            backup = client.objectBackup(id);
            JsonNode progress = backup.path("progress");
            view.show("objects (" + Json.text(backup, "phase", "?") + ")", sample(progress));
        }
        view.close();
        tell(backup, terminal);
        return exitOf(backup).number();
    }

    private ObjectNode order() throws CliException {
        ObjectNode order = Json.object();
        if (file != null && repository.given != null) {
            throw new CliException(ExitCode.USAGE, "either --to <file> or --repository <dir>, not both");
        }
        if (file != null) {
            order.put("file", RepositoryOptions.absolute(file).toString());
        } else {
            order.put("repository", repository.repository().toString());
            order.put("keyFile", repository.keyFile().toString());
        }
        put(order, "namespaces", namespaces);
        put(order, "excludeNamespaces", excludeNamespaces);
        put(order, "resources", resources);
        put(order, "excludeResources", excludeResources);
        if (name != null) {
            order.put("name", name);
        }
        if (labels != null) {
            order.put("labels", labels);
        }
        if (clusterScope != null) {
            order.put("clusterScope", clusterScope);
        }
        return order;
    }

    private static void put(ObjectNode order, String field, List<String> values) {
        if (!values.isEmpty()) {
            values.forEach(order.withArray(field)::add);
        }
    }

    /** The number of objects is not known before they are listed. */
    private static ProgressView.Sample sample(JsonNode progress) {
        return new ProgressView.Sample(
                progress.path("objects").asLong(),
                -1,
                progress.path("bytes").asLong(),
                -1,
                0,
                progress.path("failed").asLong());
    }

    private void tell(JsonNode backup, Terminal terminal) {
        if (json) {
            terminal.out().println(Json.line(backup));
            return;
        }
        JsonNode report = backup.path("report");
        if (report.isMissingNode() || report.isNull()) {
            terminal.err()
                    .println("holdfast: "
                            + Json.text(backup.path("failure"), "message", "the agent does not say why it failed"));
            return;
        }
        lines("not taken, or not as asked", report, "failed", terminal);
        lines("left out", report, "skipped", terminal);
        String place = Json.text(backup, "file", Json.text(backup, "repository", "?"));
        terminal.out()
                .println(Figures.count(report.path("objects").asLong()) + " objects of "
                        + report.path("taken").size() + " resources, "
                        + Figures.bytes(report.path("bytes").asLong()) + ", to " + place + " in "
                        + Figures.time(Duration.ofMillis(report.path("millis").asLong())) + " with "
                        + Figures.count(report.path("requests").asLong()) + " requests"
                        + (Json.text(backup, "session") == null ? "" : ", session " + Json.text(backup, "session")));
    }

    private static void lines(String title, JsonNode report, String field, Terminal terminal) {
        long count = report.path(field + "Count").asLong();
        if (count == 0) {
            return;
        }
        terminal.err().println(title + ": " + Figures.count(count));
        int shown = 0;
        for (JsonNode line : report.path(field)) {
            if (shown++ == LINES_SHOWN_MAX) {
                terminal.err().println("  … see --json for more");
                return;
            }
            terminal.err().println("  " + line.asText());
        }
    }

    private static ExitCode exitOf(JsonNode backup) {
        return switch (Json.text(backup, "outcome", "")) {
            case "completed" -> ExitCode.OK;
            case "partial" -> ExitCode.PARTIAL;
            case "canceled" -> ExitCode.CANCELED;
            default -> Json.text(backup.path("failure"), "code", "").equals("ORDER") ? ExitCode.USAGE : ExitCode.FAILED;
        };
    }
}
