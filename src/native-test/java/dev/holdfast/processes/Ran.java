package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command that was run to its end: exit code and what it said. */
public record Ran(int exit, String out, String err) {
    public static Ran command(Workspace workspace, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path out = workspace.freshLog();
        Path err = workspace.freshLog();
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        workspace.own(process);
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            throw new AssertionError("no end of " + command + "\n" + Files.readString(err));
        }
        return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** The command line, told where that agent is. */
    static Ran holdfast(Workspace workspace, AgentProcess agent, String... arguments)
            throws IOException, InterruptedException {
        return command(
                workspace,
                Map.of(
                        "HOLDFAST_AGENT",
                        agent.address("").toString(),
                        "HOLDFAST_STATE_DIR",
                        workspace.path("state").toString()),
                Packaged.command(arguments));
    }

    /** A backup of objects of which nothing went wrong, at its end. */
    static JsonNode backup(Workspace workspace, AgentProcess agent, String... options)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("objects", "backup", "--json"));
        words.addAll(List.of(options));
        Ran ran = holdfast(workspace, agent, words.toArray(String[]::new));
        assertThat(ran.exit()).as(ran.out() + ran.err()).isZero();
        return ran.result();
    }

    /** The last line of what it printed with {@code --json}. */
    JsonNode result() throws IOException {
        return new ObjectMapper().readTree(out.lines().toList().getLast());
    }
}
