package dev.holdfast.cli;

import dev.holdfast.transfer.TransferPlan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What backup and restore have in common. */
final class TransferOptions {
    @Option(
            names = "--workers",
            paramLabel = "<n>",
            description = "threads that read, compress and seal, 1 to " + TransferPlan.WORKERS_MAX
                    + " (default: one per processor)")
    int workers;

    @Option(names = "--limit", paramLabel = "<size>", description = "at most so many bytes per second, like 20M")
    @Nullable
    String limit;

    @Option(names = "--standalone", description = "run here in the foreground, without an agent")
    boolean standalone;

    @Option(names = "--detach", description = "hand it to the agent, print the session's id and return")
    boolean detach;

    @Option(names = "--json", description = "print JSON lines; the last one is the result")
    boolean json;

    int workers() throws CliException {
        if (workers < 0 || workers > TransferPlan.WORKERS_MAX) {
            throw new CliException(
                    ExitCode.USAGE, "--workers " + workers + ": 1 to " + TransferPlan.WORKERS_MAX + " are possible");
        }
        return workers;
    }

    int workersHere() throws CliException {
        return workers() == 0
                ? Math.clamp(Runtime.getRuntime().availableProcessors(), 1, TransferPlan.WORKERS_MAX)
                : workers();
    }

    long bytesPerSecondMax() throws CliException {
        return limit == null ? 0 : Figures.size(limit);
    }

    void check() throws CliException {
        if (standalone && detach) {
            throw new CliException(ExitCode.USAGE, "--detach needs an agent, --standalone does without: choose one");
        }
    }
}
