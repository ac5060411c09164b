package dev.holdfast.agent;

import dev.holdfast.config.Settings;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Names and ranges of settings. A misspelled name would otherwise be a setting that is silently not in force; Quarkus
 * checks none in the environment, and elsewhere would refuse the switches of failure tests as well.
 */
final class StartChecks {
    private static final Pattern INDEX = Pattern.compile("\\[\\d+]$");
    private static final String PREFIX = "HOLDFAST_";
    /** Of the command line, and of the programs that the agent starts. */
    private static final Set<String> OTHERS = Set.of(
            "HOLDFAST_AGENT", "HOLDFAST_AGENT_SOCKET", "HOLDFAST_DEBUG", "HOLDFAST_KEY_FILE", "HOLDFAST_REPOSITORY");
    /** What the kubelet makes of a Service with the name holdfast, and what switches failure tests on. */
    private static final List<String> FOREIGN = List.of("HOLDFAST_SERVICE_", "HOLDFAST_PORT", "HOLDFAST_FAILPOINT");

    /** System properties of tests. */
    private static final Set<String> TESTS =
            Set.of("holdfast.failpoint", "holdfast.jar", "holdfast.native", "holdfast.seed", "holdfast.soak");

    private StartChecks() {}

    /** Ends the start with one line if anything is wrong. */
    static void settings(Settings settings, SmallRyeConfig config, Map<String, String> environment) {
        List<String> problems = new ArrayList<>(settings.problems());
        problems.addAll(unknown(config));
        problems.addAll(unknown(environment));
        problems.addAll(ports(config));
        if (!problems.isEmpty()) {
            throw new StartRefused(String.join("; ", problems), AgentMain.SETTINGS_REFUSED);
        }
    }

    /** Vert.x lets two servers of one process share a port, and hands each connection to either: nothing would fail. */
    static List<String> ports(SmallRyeConfig config) {
        int http = config.getOptionalValue("quarkus.http.port", Integer.class).orElse(0);
        int management = config.getOptionalValue("quarkus.management.port", Integer.class)
                .orElse(0);
        return http == 0 || http != management
                ? List.of()
                : List.of("quarkus.http.port and quarkus.management.port are both " + http + "; give each its own");
    }

    static List<String> unknown(SmallRyeConfig config) {
        Set<String> names = new TreeSet<>();
        for (ConfigSource source : config.getConfigSources()) {
            if (!(source instanceof EnvConfigSource)) {
                names.addAll(source.getPropertyNames());
            }
        }
        return names.stream()
                .filter(name -> name.startsWith("holdfast."))
                .filter(name -> !Settings.NAMES.contains(INDEX.matcher(name).replaceAll("")) && !TESTS.contains(name))
                .map(name -> complaint(config.getConfigValue(name)))
                .toList();
    }

    private static String complaint(ConfigValue value) {
        String line = value.getLineNumber() > 0 ? ", line " + value.getLineNumber() : "";
        String likely = Settings.nearest(value.getName(), name -> name)
                .map(name -> "; is " + name + " meant?")
                .orElse("");
        return "setting " + value.getName() + " in " + value.getConfigSourceName() + line + ": there is no such setting"
                + likely;
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
