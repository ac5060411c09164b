package dev.holdfast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Gives a backup of objects up. */
@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        description = "Give a backup of objects up; it leaves no archive.")
final class ObjectsCancelCommand implements Callable<Integer> {
    @Parameters(paramLabel = "<id>", description = "as `holdfast objects backup --detach` has printed it")
    String id = "";

    @Mixin
    CancelOptions options = new CancelOptions();

    @Override
    public Integer call() throws CliException {
        return options.tell("backup " + id, options.agent.client().cancelObjects(id));
    }
}
