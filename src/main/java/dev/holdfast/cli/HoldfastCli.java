package dev.holdfast.cli;

import dev.holdfast.transfer.TransferException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Entry of every verb but {@code agent}, {@code mover} and {@code plugin}, which are decided by the first word before
 * this.
 */
@Command(
        name = "holdfast",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Backups that outlive their agent: data movers in processes of their own, exact resume.",
        subcommands = {
            AgentCommand.class,
            InitCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            SessionsCommand.class,
            CancelCommand.class,
            SnapshotsCommand.class,
            VerifyCommand.class,
            ObjectsCommand.class,
            KubeCommand.class,
            DoctorCommand.class,
            CommandLine.HelpCommand.class,
            dev.holdfast.cli.demo.DemoCommand.class,
            MoverCommand.class,
            PluginCommand.class
        })
public final class HoldfastCli {
    @Option(
            names = "--debug",
            hidden = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "show stack traces (also HOLDFAST_DEBUG=1)")
    boolean debug;

    private HoldfastCli() {}

    private boolean isDebugging() {
        return debug || System.getenv("HOLDFAST_DEBUG") != null;
    }

    /** Runs one verb and ends the process with its exit code. */
    public static void main(String[] args) {
        StandardOutput output = StandardOutput.install();
        int exit = run(args);
        System.out.flush();
        String lost = output.lost().orElse(null);
        System.exit(
                lost == null || exit != ExitCode.OK.number()
                        ? exit
                        : say(
                                ExitCode.FAILED,
                                "write standard output: " + lost + "; what was asked for is done, but not all of it"
                                        + " was told"));
    }

    /** Runs one verb. */
    static int run(String... args) {
        HoldfastCli top = new HoldfastCli();
        CommandLine line = new CommandLine(top);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpLongOptionsMaxWidth(30);
        line.setUsageHelpWidth(100);
        line.getCommandSpec()
                .usageMessage()
                .footer(Stream.concat(Stream.of("", "Exit codes:"), Arrays.stream(ExitCode.table()))
                        .toArray(String[]::new));
        version(line);
        line.registerConverter(Path.class, HoldfastCli::path);
        line.setParameterExceptionHandler((e, _) -> {
            PrintWriter err = e.getCommandLine().getErr();
            err.println("holdfast: " + complaint(e));
            err.println("see `" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help`");
            return ExitCode.USAGE.number();
        });
        line.setExecutionExceptionHandler((e, _, _) -> report(e, top.isDebugging()));
        try {
            return args.length == 0 ? usage(line) : line.execute(args);
        } catch (OutOfMemoryError e) {
            return outOfMemory(e, top.isDebugging());
        }
    }

    /** All verbs, and those below them, are of one version. */
    private static void version(CommandLine line) {
        line.getCommandSpec().versionProvider(new Version());
        line.getSubcommands().values().forEach(HoldfastCli::version);
    }

    /** An empty path would mean this directory: nobody who wrote one, or a variable without value, meant that. */
    private static Path path(String text) {
        if (text.isBlank()) {
            throw new CommandLine.TypeConversionException("it is empty; is a variable without a value?");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new CommandLine.TypeConversionException("'" + text + "' is no path: " + e.getReason());
        }
    }

    private static String complaint(CommandLine.ParameterException e) {
        if (e instanceof CommandLine.UnmatchedArgumentException unmatched
                && e.getCommandLine().getParent() == null
                && !unmatched.isUnknownOption()) {
            String close = unmatched.getSuggestions().stream()
                    .findFirst()
                    .map(verb -> "; is `" + verb + "` meant?")
                    .orElse("");
            return "there is no verb `" + unmatched.getUnmatched().getFirst() + "`" + close;
        }
        return String.valueOf(e.getMessage());
    }

    private static int usage(CommandLine line) {
        line.usage(line.getErr());
        return ExitCode.USAGE.number();
    }

    /** The same error says that no thread can be started. */
    private static int outOfMemory(OutOfMemoryError e, boolean debug) {
        if (debug) {
            e.printStackTrace();
        }
        String what = String.valueOf(e.getMessage());
        String reason = what.contains("thread")
                ? what + ": raise the limit of processes (ulimit -u, pids.max)"
                : "out of memory: run the same with more, as in -Xmx256m (an argument of java where that runs it)";
        return say(ExitCode.FAILED, reason + "; what is stored is not sent again");
    }

    private static int report(Exception e, boolean debug) {
        if (debug) {
            e.printStackTrace();
        }
        return switch (e) {
            case CliException known -> say(known.exit(), known.getMessage());
            case TransferException known -> say(exitOf(known.code()), known.getMessage());
            case InterruptedException _ -> say(ExitCode.FAILED, "interrupted");
            default ->
                say(
                        ExitCode.FAILED,
                        "internal error: " + e.getClass().getSimpleName() + ": " + e.getMessage()
                                + "; run again with HOLDFAST_DEBUG=1 for the details");
        };
    }

    private static int say(ExitCode exit, @Nullable String message) {
        System.err.println("holdfast: " + message);
        return exit.number();
    }

    /** What a failed transfer means for a script. */
    static ExitCode exitOf(TransferException.Code code) {
        return switch (code) {
            case REPOSITORY_MISSING,
                    REPOSITORY_EXISTS,
                    REPOSITORY_NEWER,
                    KEY_MISSING,
                    KEY_WRONG,
                    SNAPSHOT_MISSING,
                    SOURCE_MISSING,
                    TARGET_BUSY,
                    TARGET_NOT_EMPTY,
                    TARGET_SMALL,
                    TOKEN_REFUSED -> ExitCode.REFUSED;
            case REPOSITORY_DAMAGED, HOSTILE_ARCHIVE -> ExitCode.DAMAGED;
            case REPOSITORY_FULL,
                    REPOSITORY_IO,
                    FENCED,
                    SOURCE_UNREADABLE,
                    SOURCE_AWAY,
                    SHORTAGE,
                    TARGET_AWAY,
                    TARGET_FULL,
                    TARGET_IO,
                    INTERNAL -> ExitCode.FAILED;
        };
    }

    /** The same for a code that an agent, possibly a newer one, told us. */
    static ExitCode exitOf(String code) {
        return Arrays.stream(TransferException.Code.values())
                .filter(known -> known.name().equals(code))
                .map(HoldfastCli::exitOf)
                .findFirst()
                .orElse(ExitCode.FAILED);
    }
}
