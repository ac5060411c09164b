package dev.holdfast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Gives a session up. */
@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        description = "Give a session up. What it sent stays in the repository and is found again by later backups.")
final class CancelCommand implements Callable<Integer> {
    @Parameters(paramLabel = "<id>", description = "see `holdfast sessions`")
    String id = "";

    @Mixin
    CancelOptions options = new CancelOptions();

    @Override
    public Integer call() throws CliException {
        return options.tell("session " + id, options.agent.client().cancel(id));
    }
}
