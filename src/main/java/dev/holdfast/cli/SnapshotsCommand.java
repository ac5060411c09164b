package dev.holdfast.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.repository.Snapshot;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists what can be restored. */
@Command(name = "snapshots", mixinStandardHelpOptions = true, description = "List the snapshots in a repository.")
final class SnapshotsCommand implements Callable<Integer> {
    private static final DateTimeFormatter WHEN =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

    @Option(names = "--json", description = "print one JSON line for each snapshot")
    boolean json;

    @Mixin
    RepositoryOptions options = new RepositoryOptions();

    @Override
    public Integer call() throws CliException, TransferException {
        try (Repository repository = Repository.open(options.repository(), options.keyFile())) {
            List<Snapshot> snapshots = repository.snapshots();
            if (json) {
                snapshots.forEach(snapshot -> System.out.println(Json.line(json(snapshot))));
            } else if (snapshots.isEmpty()) {
                System.out.println("no snapshots in " + options.repository());
            } else {
                print(snapshots);
            }
        }
        return ExitCode.OK.number();
    }

    private static void print(List<Snapshot> snapshots) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"SNAPSHOT", "FINISHED", "KIND", "ENTRIES", "SIZE", "ADDED", "WARNINGS", "SOURCE"});
        for (Snapshot snapshot : snapshots) {
            rows.add(new String[] {
                snapshot.id().substring(0, Math.min(12, snapshot.id().length())),
                WHEN.format(snapshot.finished()),
                snapshot.kind().name().toLowerCase(Locale.ROOT),
                Figures.count(snapshot.files()),
                Figures.bytes(snapshot.bytes()),
                Figures.bytes(snapshot.stored()),
                Figures.count(warnings(snapshot)),
                snapshot.source()
            });
        }
        Table.print(rows, System.out);
    }

    private static ObjectNode json(Snapshot snapshot) {
        ObjectNode node = Json.object()
                .put("type", "snapshot")
                .put("id", snapshot.id())
                .put("source", snapshot.source())
                .put("started", snapshot.started().toString())
                .put("finished", snapshot.finished().toString())
                .put("kind", snapshot.kind().name().toLowerCase(Locale.ROOT))
                .put("files", snapshot.files())
                .put("bytes", snapshot.bytes())
                .put("stored", snapshot.stored())
                .put("host", snapshot.host());
        ObjectNode warnings = node.putObject("warnings");
        snapshot.warnings().forEach(warnings::put);
        return node;
    }

    private static long warnings(Snapshot snapshot) {
        return snapshot.warnings().values().stream().mapToLong(Long::longValue).sum();
    }
}
