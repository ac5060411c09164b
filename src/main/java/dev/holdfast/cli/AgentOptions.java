package dev.holdfast.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which agent, and where this machine's state is. */
final class AgentOptions {
    static final String AGENT_DEFAULT = "http://127.0.0.1:8080";

    @Option(
            names = "--agent",
            paramLabel = "<url>",
            description = "the agent's REST address (default: $HOLDFAST_AGENT, else " + AGENT_DEFAULT + ")")
    @Nullable
    String url;

    @Option(
            names = "--state-dir",
            paramLabel = "<dir>",
            description = "state directory; holds the agent's token and what --standalone remembers (default:"
                    + " $HOLDFAST_STATE_DIR, else the agent's own)")
    @Nullable
    Path stateGiven;

    AgentClient client() throws CliException {
        String environment = System.getenv("HOLDFAST_AGENT");
        String chosen = url != null ? url : environment == null || environment.isBlank() ? AGENT_DEFAULT : environment;
        try {
            return new AgentClient(URI.create(chosen), stateChosen());
        } catch (IllegalArgumentException e) {
            throw new CliException(
                    ExitCode.USAGE, "read agent address \"" + chosen + "\": write it like " + AGENT_DEFAULT, e);
        }
    }

    /** Absolute. */
    Path stateDirectory() {
        Path chosen = stateChosen();
        if (chosen != null) {
            return chosen;
        }
        return isRoot()
                ? Path.of("/var/lib/holdfast")
                : Path.of(System.getProperty("user.home"), ".local", "state", "holdfast");
    }

    private @Nullable Path stateChosen() {
        if (stateGiven != null) {
            return RepositoryOptions.absolute(stateGiven);
        }
        String environment = System.getenv("HOLDFAST_STATE_DIR");
        return environment == null || environment.isBlank() ? null : RepositoryOptions.absolute(Path.of(environment));
    }

    private static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid && uid == 0;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
