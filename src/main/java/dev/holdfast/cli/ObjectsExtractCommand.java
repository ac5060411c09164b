package dev.holdfast.cli;

import dev.holdfast.backup.archive.ArchiveException;
import dev.holdfast.backup.archive.ArchiveSource;
import dev.holdfast.backup.archive.Extraction;
import dev.holdfast.transfer.TransferException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Unpacks an archive. */
@Command(
        name = "extract",
        mixinStandardHelpOptions = true,
        description = "Unpack the objects in an archive: one JSON file each, in folders by resource and namespace, as"
                + " they were taken. Before `kubectl apply`, remove uid, resourceVersion and status.")
final class ObjectsExtractCommand implements Callable<Integer> {
    @Option(names = "--to", required = true, paramLabel = "<dir>", description = "folder to fill; absent or empty")
    Path target = Path.of("");

    @Mixin
    ArchiveOptions options = new ArchiveOptions();

    @Override
    public Integer call() throws Exception {
        return options.use(this::extract);
    }

    private int extract(ArchiveSource archive) throws CliException {
        try {
            long count = Extraction.run(archive, RepositoryOptions.absolute(target), options::wanted);
            System.out.println(Figures.count(count) + " objects to " + RepositoryOptions.absolute(target));
            return ExitCode.OK.number();
        } catch (ArchiveException e) {
            throw refused(e);
        }
    }

    static CliException refused(ArchiveException e) {
        if (e.getCause() instanceof IOException read && read.getCause() instanceof TransferException repository) {
            return new CliException(HoldfastCli.exitOf(repository.code()), String.valueOf(e.getMessage()), e);
        }
        ExitCode exit =
                switch (e.code()) {
                    case MISSING, TARGET -> ExitCode.REFUSED;
                    case DAMAGED, HOSTILE -> ExitCode.DAMAGED;
                };
        return new CliException(exit, String.valueOf(e.getMessage()), e);
    }
}
