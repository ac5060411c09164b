package dev.holdfast.cli;

import dev.holdfast.backup.archive.ArchivePath;
import dev.holdfast.transfer.Transfer;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferPlan;
import dev.holdfast.transfer.TransferProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which archive, and which of its objects. */
final class ArchiveOptions {
    private static final String NAME = "objects.tar";

    @Parameters(paramLabel = "<archive>", arity = "0..1", description = "archive of Holdfast or Velero (.tar.gz, .tar)")
    @Nullable
    Path archive;

    @Option(
            names = "--snapshot",
            paramLabel = "<id>",
            description = "instead of an archive: snapshot of an object backup in the repository")
    @Nullable
    String snapshot;

    @Mixin
    RepositoryOptions repository = new RepositoryOptions();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "<name>",
            split = ",",
            description = "only objects of these namespaces")
    List<String> namespaces = new ArrayList<>();

    @Option(
            names = "--resource",
            paramLabel = "<name>",
            split = ",",
            description = "only these resources, such as pods or deployments.apps")
    List<String> resources = new ArrayList<>();

    /** What to do with an archive in a file. */
    interface Use {
        int with(Path archive) throws Exception;
    }

    boolean wanted(ArchivePath path) {
        return (namespaces.isEmpty() || namespaces.contains(path.namespace()))
                && (resources.isEmpty() || resources.contains(path.groupResource()));
    }

    /** Fetches the archive if it is in a repository, and removes it afterwards. */
    int use(Use use) throws Exception {
        if ((archive == null) == (snapshot == null)) {
            throw new CliException(ExitCode.USAGE, "which archive? give a file, or --snapshot and a repository");
        }
        if (archive != null) {
            return use.with(RepositoryOptions.absolute(archive));
        }
        Path folder = Files.createTempDirectory("holdfast-objects");
        try {
            Path file = restored(String.valueOf(snapshot), folder).resolve(NAME);
            if (!Files.isRegularFile(file)) {
                throw new CliException(
                        ExitCode.REFUSED, "snapshot " + snapshot + " holds no archive of objects; see `snapshots`");
            }
            return use.with(file);
        } finally {
            delete(folder);
        }
    }

    private Path restored(String which, Path folder) throws CliException, TransferException, InterruptedException {
        Path target = folder.resolve("restored");
        TransferPlan plan = new TransferPlan.Restore(
                repository.repository(),
                repository.keyFile(),
                folder.resolve("scratch"),
                "objects-" + Long.toString(System.currentTimeMillis(), 36) + "-"
                        + ProcessHandle.current().pid(),
                null,
                1,
                0,
                which,
                target);
        Transfer.run(plan, new TransferControl(), new TransferListener() {
            @Override
            public void started(Start start, String token, long epoch) {}

            @Override
            public void progressed(TransferProgress progress) {}

            @Override
            public void warned(String kind, String message) {}
        });
        return target;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
