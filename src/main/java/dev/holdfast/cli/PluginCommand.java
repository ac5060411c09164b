package dev.holdfast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Listed in the help only: the first word {@code plugin} never comes here. */
@Command(
        name = "plugin",
        mixinStandardHelpOptions = true,
        description = "Serve the built-in plugins to a host that speaks Velero's plugin protocol.")
final class PluginCommand implements Callable<Integer> {
    @Override
    public Integer call() throws CliException {
        throw new CliException(ExitCode.USAGE, "`plugin` must be the first word, and is started by a backup only");
    }
}
