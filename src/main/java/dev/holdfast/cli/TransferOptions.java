package dev.holdfast.cli;

import dev.holdfast.linux.Workers;
import dev.holdfast.transfer.TransferPlan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What backup and restore have in common. */
final class TransferOptions {
    @Option(
            names = "--workers",
            paramLabel = "<n>",
            description = "threads that read, compress and seal, 1 to " + TransferPlan.WORKERS_MAX
                    + " (default: one per processor, at most 4)")
    @Nullable
    Integer workers;

    @Option(names = "--limit", paramLabel = "<size>", description = "at most so many bytes per second, like 20M")
    @Nullable
    String limit;

    @Option(names = "--standalone", description = "run here in the foreground, without an agent")
    boolean standalone;

    @Option(names = "--detach", description = "hand it to the agent, print the session's id and return")
    boolean detach;

    @Option(names = "--json", description = "print JSON lines; the last one is the result")
    boolean json;

    /** 0 when nothing was asked for. */
    int workers() throws CliException {
        if (workers == null) {
            return 0;
        }
        if (workers < 1 || workers > TransferPlan.WORKERS_MAX) {
            throw new CliException(
                    ExitCode.USAGE, "--workers " + workers + ": 1 to " + TransferPlan.WORKERS_MAX + " are possible");
        }
        return workers;
    }

    int workersHere() throws CliException {
        return workers() == 0 ? Workers.byDefault() : workers();
    }

    /** 0 when there is no limit. */
    long bytesPerSecondMax() throws CliException {
        if (limit == null) {
            return 0;
        }
        long bytes = Figures.size(limit);
        if (bytes == 0) {
            throw new CliException(ExitCode.USAGE, "--limit " + limit + ": nothing would move; leave it out for none");
        }
        return bytes;
    }

    void check() throws CliException {
        if (standalone && detach) {
            throw new CliException(ExitCode.USAGE, "--detach needs an agent, --standalone does without: choose one");
        }
    }
}
