package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks at and changes how the node uses the API server. */
@Command(
        name = "kube",
        mixinStandardHelpOptions = true,
        description = "Look at the request budget of this node, change it, or ask which one fits.",
        subcommands = {KubeCommand.Show.class, KubeCommand.Change.class, KubeCommand.Advise.class})
final class KubeCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets it");
        }
        throw new ParameterException(spec.commandLine(), "one of settings, set, advise is needed");
    }

    /** What is in force, and what happened. */
    @Command(
            name = "settings",
            mixinStandardHelpOptions = true,
            description = "Show the request budget in force, where it comes from, and what it was used for.")
    static final class Show implements Callable<Integer> {
        @Option(names = "--json", description = "print JSON")
        boolean json;

        @Mixin
        AgentOptions agent = new AgentOptions();

        @Override
        public Integer call() throws CliException {
            JsonNode kube = agent.client().kube();
            if (json) {
                System.out.println(Json.pretty(kube));
            } else {
                show(kube, System.out);
            }
            return ExitCode.OK.number();
        }
    }

    /** Another budget until the agent ends. */
    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description = "Change the request budget until the agent ends; all its children follow within a second.")
    static final class Change implements Callable<Integer> {
        @Option(names = "--qps", paramLabel = "<n>", description = "requests in a second; -1 means no limit")
        @Nullable
        Double qps;

        @Option(names = "--burst", paramLabel = "<n>", description = "requests at once after a pause")
        @Nullable
        Integer burst;

        @Option(names = "--reset", description = "go back to what files and environment say")
        boolean reset;

        @Option(names = "--json", description = "print JSON")
        boolean json;

        @Mixin
        AgentOptions agent = new AgentOptions();

        @Override
        public Integer call() throws CliException {
            if (reset == (qps != null || burst != null)) {
                throw new CliException(ExitCode.USAGE, "give --qps, --burst or both, or else --reset");
            }
            ObjectNode order = Json.object();
            if (qps != null) {
                order.put("qps", qps);
            }
            if (burst != null) {
                order.put("burst", burst);
            }
            JsonNode kube =
                    reset ? agent.client().resetBudget() : agent.client().setBudget(order);
            System.out.println(
                    json
                            ? Json.pretty(kube)
                            : "request budget " + Json.text(kube.path("budget"), "text", "?") + " from "
                                    + Json.text(kube.path("budget"), "source", "?"));
            return ExitCode.OK.number();
        }
    }

    /** Which budget fits, and why. */
    @Command(
            name = "advise",
            mixinStandardHelpOptions = true,
            description = "Say which request budget fits what this node did since its agent started, and why.")
    static final class Advise implements Callable<Integer> {
        @Option(names = "--json", description = "print JSON")
        boolean json;

        @Mixin
        AgentOptions agent = new AgentOptions();

        @Override
        public Integer call() throws CliException {
            advise(agent.client().kube(), json, System.out);
            return ExitCode.OK.number();
        }
    }

    /** The advice, and the figures it is read from. */
    static void advise(JsonNode kube, boolean json, PrintStream out) {
        Advice advice = Advice.of(kube);
        JsonNode figures = kube.path("figures");
        if (json) {
            ObjectNode answer = Json.object().put("qps", advice.qps()).put("burst", advice.burst());
            advice.reasons().forEach(answer.putArray("reasons")::add);
            answer.set("figures", figures);
            out.println(Json.pretty(answer));
            return;
        }
        out.println("qps " + advice.qps() + ", burst " + advice.burst());
        advice.reasons().forEach(it -> out.println("  " + it));
        out.println();
        Table.print(rows(figures), out);
    }

    private static void show(JsonNode kube, PrintStream out) {
        JsonNode budget = kube.path("budget");
        JsonNode discovery = kube.path("discovery");
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {
            "budget",
            Json.text(budget, "text", "?") + " (qps from " + Json.text(budget, "qpsFrom", "?") + ", burst from "
                    + Json.text(budget, "burstFrom", "?") + "), change " + Json.text(budget, "generation", "?")
        });
        rows.add(new String[] {"in force", Json.text(budget, "inForce", "?")});
        if (!Json.text(budget, "refused", "").isEmpty()) {
            rows.add(new String[] {"refused", Json.text(budget, "refused", "")});
        }
        rows.add(new String[] {
            "cluster",
            kube.path("configured").asBoolean()
                    ? Json.text(discovery, "resources", "?") + " resources in "
                            + Json.text(discovery, "groupVersions", "?") + " group versions, known for "
                            + Json.text(discovery, "ageSeconds", "?") + " s"
                    : "none"
        });
        rows.addAll(rows(kube.path("figures")));
        Table.print(rows, out);
    }

    /** What the gate did since the agent's start. */
    private static List<String[]> rows(JsonNode figures) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {
            "requests",
            Json.text(figures, "requests", "?") + ", from the cache "
                    + Json.text(figures, "servedFromCache", "?") + ", refused with 429 "
                    + Json.text(figures, "throttled", "?") + ", given up "
                    + Json.text(figures, "gaveUp", "?")
        });
        rows.add(new String[] {"waited", spread(figures.path("waited"))});
        rows.add(new String[] {"latency", spread(figures.path("latency"))});
        rows.add(new String[] {"by verb", counts(figures.path("byVerb"))});
        rows.add(new String[] {"by child", counts(figures.path("byChild"))});
        return rows;
    }

    private static String spread(JsonNode spread) {
        return Json.text(spread, "meanMillis", "?") + " ms on average, " + Json.text(spread, "maxMillis", "?")
                + " ms at most of late";
    }

    /** The most first. */
    private static String counts(JsonNode counts) {
        long all = Math.max(1, counts.valueStream().mapToLong(JsonNode::asLong).sum());
        String text = counts.propertyStream()
                .sorted(Comparator.comparingLong(it -> -it.getValue().asLong()))
                .map(it -> it.getKey() + " " + it.getValue().asLong() + " ("
                        + it.getValue().asLong() * 100 / all + " %)")
                .collect(Collectors.joining(", "));
        return text.isEmpty() ? "-" : text;
    }
}
