package dev.holdfast.cli;

import dev.holdfast.backup.archive.ArchivePath;
import dev.holdfast.backup.archive.ArchiveSource;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.repository.Snapshot;
import dev.holdfast.transfer.restore.SnapshotFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which archive, and which of its objects. */
final class ArchiveOptions {
    private static final String NAME = "objects.tar";

    /** What the sources of object backups begin with; those of others are absolute paths. */
    private static final String OBJECTS = "objects/";

    @Parameters(paramLabel = "<archive>", arity = "0..1", description = "archive of Holdfast or Velero (.tar.gz, .tar)")
    @Nullable
    Path archive;

    @Option(
            names = "--snapshot",
            paramLabel = "<id>",
            description = "instead of an archive: snapshot of an object backup in the repository, as for restore")
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

    /** What to do with an archive. */
    interface Use {
        int with(ArchiveSource archive) throws Exception;
    }

    boolean wanted(ArchivePath path) {
        return (namespaces.isEmpty() || namespaces.contains(path.namespace()))
                && (resources.isEmpty() || resources.contains(path.groupResource()));
    }

    /** Reads an archive of a repository where it is: no copy of its secrets is made. */
    int use(Use use) throws Exception {
        if ((archive == null) == (snapshot == null)) {
            throw new CliException(ExitCode.USAGE, "which archive? give a file, or --snapshot and a repository");
        }
        if (archive != null) {
            return use.with(ArchiveSource.file(RepositoryOptions.absolute(archive)));
        }
        try (Repository opened = Repository.open(repository.repository(), repository.keyFile())) {
            Snapshot found = opened.snapshot(String.valueOf(snapshot), OBJECTS);
            return use.with(new ArchiveSource("of snapshot " + found.id(), () -> open(opened, found)));
        }
    }

    private static InputStream open(Repository repository, Snapshot snapshot) throws IOException {
        try {
            return SnapshotFile.open(repository, snapshot, NAME);
        } catch (TransferException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
