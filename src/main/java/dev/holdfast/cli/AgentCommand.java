package dev.holdfast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Listed in the help only: the first word {@code agent} never comes here. */
@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        description = {
            "Run the agent: REST on 127.0.0.1:8080, health and metrics on 127.0.0.1:9000.",
            "`holdfast agent -Dholdfast.kube.qps=200` sets a setting, above all other sources."
        })
final class AgentCommand implements Callable<Integer> {
    @Override
    public Integer call() throws CliException {
        throw new CliException(
                ExitCode.USAGE,
                "`agent` must be the first word, followed by settings only:"
                        + " holdfast agent [-D<setting>=<value>]...");
    }
}
