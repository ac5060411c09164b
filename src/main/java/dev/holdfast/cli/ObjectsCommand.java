package dev.holdfast.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Kubernetes objects: everything about them but volumes' data. */
@Command(
        name = "objects",
        mixinStandardHelpOptions = true,
        description = "Back up Kubernetes objects into an archive in Velero's layout, and look into archives.",
        subcommands = {
            ObjectsBackupCommand.class,
            ObjectsCancelCommand.class,
            ObjectsListCommand.class,
            ObjectsExtractCommand.class
        })
final class ObjectsCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() {
        if (spec != null) {
            CommandLine line = spec.commandLine();
            line.usage(line.getErr());
        }
        return ExitCode.USAGE.number();
    }
}
