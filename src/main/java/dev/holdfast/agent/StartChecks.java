package dev.holdfast.agent;

import dev.holdfast.config.Settings;
import io.quarkus.runtime.PreventFurtherStepsException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What Quarkus does not check: ranges, and the names of environment variables. A misspelled variable would otherwise be
 * a setting that is silently not in force.
 */
final class StartChecks {
    private static final String PREFIX = "HOLDFAST_";
    /** Of the command line, and of the programs that the agent starts. */
    private static final Set<String> OTHERS =
            Set.of("HOLDFAST_AGENT", "HOLDFAST_AGENT_SOCKET", "HOLDFAST_KEY_FILE", "HOLDFAST_REPOSITORY");
    /** What the kubelet makes of a Service with the name holdfast, and what switches failure tests on. */
    private static final List<String> FOREIGN =
            List.of("HOLDFAST_SERVICE_", "HOLDFAST_PORT", "HOLDFAST_FAILPOINT", "HOLDFAST_KUBE_");

    private StartChecks() {}

    /** Ends the start with one line if anything is wrong. */
    static void settings(Settings settings, Map<String, String> environment) {
        List<String> problems = new ArrayList<>(settings.problems());
        problems.addAll(unknown(environment));
        if (!problems.isEmpty()) {
            throw new PreventFurtherStepsException(String.join("; ", problems), AgentMain.SETTINGS_REFUSED);
        }
    }

    static List<String> unknown(Map<String, String> environment) {
        Map<String, String> known =
                Settings.NAMES.stream().collect(Collectors.toMap(StartChecks::variable, name -> name));
        return environment.keySet().stream()
                .filter(name -> name.startsWith(PREFIX))
                .filter(name -> !known.containsKey(name) && !OTHERS.contains(name))
                .filter(name -> FOREIGN.stream().noneMatch(name::startsWith))
                .sorted(Comparator.naturalOrder())
                .map(StartChecks::complaint)
                .toList();
    }

    private static String complaint(String variable) {
        String likely = Settings.nearest(variable.toLowerCase(Locale.ROOT).replace('_', '.'), StartChecks::dotted)
                .map(name -> "; is " + variable(name) + " meant?")
                .orElse("");
        return "environment variable " + variable + ": there is no such setting" + likely;
    }

    private static String dotted(String name) {
        return name.replace('-', '.');
    }

    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
