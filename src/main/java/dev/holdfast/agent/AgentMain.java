package dev.holdfast.agent;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Runs the agent until it is told to end. What keeps it from starting comes out as one line. */
public final class AgentMain {
    /** Exit code where a setting is unknown or out of its range. */
    public static final int SETTINGS_REFUSED = 2;
    /** Exit code where the state directory cannot be used, or another agent holds it. */
    public static final int STATE_REFUSED = 6;

    private static final int FAILED = 1;
    private static final Pattern CHOICE =
            Pattern.compile("config property (\\S+) with the config value \"(.*)\" threw .* allowed values: (\\S+)");
    private static final Pattern SETTING = Pattern.compile("-D[a-z][a-z0-9.-]*=.*");
    private static final Pattern NOISE = Pattern.compile("(?:[a-z]+[.])+[A-Z]\\w*Exception: |SRCFG\\d+: ");

    private AgentMain() {}

    /**
     * Puts settings of the command line, {@code agent -Dname=value ...}, in force above all other sources.
     *
     * @return false if there is anything else among the arguments; then nothing was done
     */
    public static boolean settings(String... args) {
        List<String> settings = List.of(args).subList(1, args.length);
        if (!settings.stream().allMatch(it -> SETTING.matcher(it).matches())) {
            return false;
        }
        settings.forEach(it -> System.setProperty(it.substring(2, it.indexOf('=')), it.substring(it.indexOf('=') + 1)));
        return true;
    }

    /** Does not return: ends the process. */
    public static void run(String... args) {
        Quarkus.run(null, (code, cause) -> end(code, cause, System.err), args);
    }

    private static void end(int code, @Nullable Throwable cause, PrintStream err) {
        if (cause == null) {
            System.exit(code);
        } else {
            Refusal refusal = refusal(cause);
            err.println("holdfast: " + refusal.message());
            if (refusal.unexpected()) {
                cause.printStackTrace(err);
            }
            err.flush();
            Runtime.getRuntime().halt(refusal.exit()); // Nothing is open: a shutdown hook could only make noise.
        }
    }

    /**
     * Why the agent does not start.
     *
     * @param unexpected whether the stack trace is of use
     */
    record Refusal(int exit, String message, boolean unexpected) {}

    static Refusal refusal(Throwable cause) {
        Throwable root = cause;
        for (Throwable at = cause; at != null; at = at.getCause()) {
            root = at;
            if (at instanceof ConfigValidationException invalid) {
                return new Refusal(SETTINGS_REFUSED, describe(invalid), false);
            }
        }
        String message = String.valueOf(root.getMessage());
        return switch (root) {
            case StartRefused refused -> new Refusal(refused.exit(), message, false);
            case QuarkusBindException bind ->
                new Refusal(
                        FAILED,
                        "listen on " + bind.getHost() + ":" + bind.getPort()
                                + ": the address is in use or not ours; is another agent running? Otherwise choose"
                                + " other ports with QUARKUS_HTTP_PORT and QUARKUS_MANAGEMENT_PORT, and tell"
                                + " commands with HOLDFAST_AGENT",
                        false);
            case ConfigurationException _ -> new Refusal(SETTINGS_REFUSED, message, false);
            default -> new Refusal(FAILED, "the agent could not start: " + root, true);
        };
    }

    private static String describe(ConfigValidationException e) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < e.getProblemCount(); i++) {
            lines.add(describe(String.valueOf(e.getProblem(i).getMessage())));
        }
        return String.join("; ", lines);
    }

    static String describe(String problem) {
        Matcher choice = CHOICE.matcher(problem);
        return choice.find()
                ? "setting " + choice.group(1) + "=" + choice.group(2) + ": must be one of "
                        + choice.group(3).replace(",", ", ")
                : NOISE.matcher(problem).replaceAll("");
    }
}
