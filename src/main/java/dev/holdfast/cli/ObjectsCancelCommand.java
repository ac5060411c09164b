package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a backup of objects up. */
@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        description = "Give a backup of objects up; it leaves no archive.")
final class ObjectsCancelCommand implements Callable<Integer> {
    @Parameters(paramLabel = "<id>", description = "as `holdfast objects backup --detach` has printed it")
    String id = "";

    @Option(names = "--json", description = "print JSON")
    boolean json;

    @Mixin
    AgentOptions agent = new AgentOptions();

    @Override
    public Integer call() throws CliException {
        JsonNode backup = agent.client().cancelObjects(id);
        String outcome = Json.text(backup, "outcome");
        String answer = outcome == null ? "cancel asked for" : "has ended, " + outcome;
        System.out.println(json ? Json.line(backup) : "backup " + id + ": " + answer);
        return ExitCode.OK.number();
    }
}
