package dev.holdfast.backup;

import dev.holdfast.backup.archive.ArchiveWriter;
import dev.holdfast.kube.KubeErrors;
import dev.holdfast.kube.KubeException;
import dev.holdfast.plugin.PluginCommand;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Backups of a cluster in memory, for tests. */
final class BackupRig {
    final FakeCluster cluster = new FakeCluster();
    final List<PluginCommand> plugins = new ArrayList<>();
    private final Path folder;

    BackupRig(Path folder) {
        this.folder = folder;
    }

    /** Requests whose path is {@code wanted} fail with this from now on. */
    void fail(KubeException.Code code, Predicate<String> wanted) {
        cluster.failure = path -> wanted.test(path) ? Optional.of(KubeErrors.of(code)) : Optional.empty();
    }

    Path archive() {
        return folder.resolve("test.tar.gz");
    }

    BackupReport backup(ObjectSelection selection) throws Exception {
        BackupOrder order = new BackupOrder("test", selection, new BackupTarget.ArchiveFile(archive()));
        Instant started = Instant.parse("2026-01-01T00:00:00Z");
        return new ObjectBackup(
                        cluster,
                        TestPlugins.supply(plugins, folder.resolve("s")),
                        order,
                        "objects-test",
                        _ -> {},
                        new Spool(folder),
                        started)
                .run(archive(), ArchiveWriter.beside(archive()), true);
    }

    static ObjectSelection select(List<String> namespaces, List<String> resources, List<String> without) {
        return new ObjectSelection(namespaces, List.of(), resources, without, "", ClusterScope.AUTO);
    }
}
