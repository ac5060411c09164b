package dev.holdfast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Listed in the help only: the first word {@code mover} never comes here. */
@Command(
        name = "mover",
        mixinStandardHelpOptions = true,
        description = "Run one data mover. The agent starts these; people do not.")
final class MoverCommand implements Callable<Integer> {
    @Override
    public Integer call() throws CliException {
        throw new CliException(ExitCode.USAGE, "`mover` must be the first word, and is started by the agent only");
    }
}
