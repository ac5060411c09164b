package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a session up. */
@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        description = "Give a session up. What it sent stays in the repository and is found again by later backups.")
final class CancelCommand implements Callable<Integer> {
    @Parameters(paramLabel = "<id>", description = "see `holdfast sessions`")
    String id = "";

    @Option(names = "--json", description = "print JSON")
    boolean json;

    @Mixin
    AgentOptions agent = new AgentOptions();

    @Override
    public Integer call() throws CliException {
        JsonNode session = agent.client().cancel(id);
        String outcome = Json.text(session, "outcome");
        String answer = outcome == null ? "cancel asked for" : "had ended already, " + outcome;
        System.out.println(json ? Json.line(session) : "session " + id + ": " + answer);
        return ExitCode.OK.number();
    }
}
