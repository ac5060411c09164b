package dev.holdfast.cli;

import dev.holdfast.backup.archive.ArchivePath;
import dev.holdfast.linux.Reason;
import dev.holdfast.transfer.Transfer;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferPlan;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.repository.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which archive, and which of its objects. */
final class ArchiveOptions {
    private static final String NAME = "objects.tar";

    /** What the sources of object backups begin with; those of others are absolute paths. */
    private static final String OBJECTS = "objects/";

    private static final Duration LEFT_BEHIND = Duration.ofDays(1);
    private static final int LEAVE_SECONDS_MAX = 10;

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
        String id = idOfObjects(String.valueOf(snapshot));
        Path folder = folder(new AgentOptions().stateDirectory());
        TransferControl control = new TransferControl();
        CountDownLatch over = new CountDownLatch(1);
        Thread farewell = new Thread(() -> leave(folder, control, over)); // Ctrl-C leaves no secrets either.
        Runtime.getRuntime().addShutdownHook(farewell);
        try {
            return use.with(restored(id, folder, control).resolve(NAME));
        } finally {
            over.countDown();
            delete(folder);
            try {
                Runtime.getRuntime().removeShutdownHook(farewell);
            } catch (IllegalStateException _) {
                // The signal came this very moment.
            }
        }
    }

    private static void leave(Path folder, TransferControl control, CountDownLatch over) {
        control.stop();
        try {
            if (!over.await(LEAVE_SECONDS_MAX, TimeUnit.SECONDS)) {
                System.err.println(
                        "holdfast: the look into the archive does not end; " + folder + " is removed under it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        delete(folder);
    }

    /** Where there is room: temporary files may be in memory, and of little size. */
    static Path folder(Path stateDirectory) throws CliException {
        Path looks = stateDirectory.resolve("looks");
        try {
            Files.createDirectories(looks);
            sweep(looks);
            return Files.createTempDirectory(looks, "objects");
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.FAILED,
                    "make a folder in " + looks + ": " + Reason.of(e)
                            + "; name a directory that can be written with HOLDFAST_STATE_DIR",
                    e);
        }
    }

    /** What a look that was killed has left. */
    private static void sweep(Path looks) throws IOException {
        Instant old = Instant.now().minus(LEFT_BEHIND);
        List<Path> left;
        try (Stream<Path> all = Files.list(looks)) {
            left = all.toList();
        }
        for (Path one : left) {
            try {
                if (Files.getLastModifiedTime(one).toInstant().isBefore(old)) {
                    delete(one);
                }
            } catch (NoSuchFileException _) {
                // Of another look, which has just ended.
            }
        }
    }

    /** Only a snapshot of objects is small enough to be fetched for a look into it. */
    private String idOfObjects(String which) throws CliException, TransferException {
        try (Repository opened = Repository.open(repository.repository(), repository.keyFile())) {
            Snapshot found = opened.snapshot(which, null);
            if (!found.source().startsWith(OBJECTS)) {
                throw new CliException(
                        ExitCode.REFUSED,
                        "snapshot " + found.id() + " is of " + found.source()
                                + " and holds no archive of objects; `holdfast snapshots` lists what there is");
            }
            return found.id();
        }
    }

    private Path restored(String which, Path folder, TransferControl control)
            throws CliException, TransferException, InterruptedException {
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
        Transfer.run(plan, control, new TransferListener() {
            @Override
            public void started(Start start, String token, long epoch) {}

            @Override
            public void progressed(TransferProgress progress) {}

            @Override
            public void warned(String kind, String message) {}
        });
        return target;
    }

    private static void delete(Path folder) {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            } catch (IOException | UncheckedIOException e) {
                System.err.println("holdfast: remove " + folder + " by hand, it could not be: " + e.getMessage());
            }
        }
    }
}
