package dev.holdfast.cli;

import dev.holdfast.backup.archive.ArchiveException;
import dev.holdfast.backup.archive.ArchiveReader;
import dev.holdfast.backup.archive.ArchiveSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what an archive holds. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "List the objects in an archive.")
final class ObjectsListCommand implements Callable<Integer> {
    @Option(names = "--json", description = "print one JSON line for each object")
    boolean json;

    @Mixin
    ArchiveOptions options = new ArchiveOptions();

    @Override
    public Integer call() throws Exception {
        return options.use(this::list);
    }

    private int list(ArchiveSource archive) throws CliException {
        long count = 0;
        try (ArchiveReader reader = new ArchiveReader(archive)) {
            for (ArchiveReader.Item item = reader.next(); item != null; item = reader.next()) {
                if (options.wanted(item.path())) {
                    print(item);
                    count++;
                }
            }
        } catch (ArchiveException e) {
            throw ObjectsExtractCommand.refused(e);
        }
        if (!json) {
            System.err.println(Figures.count(count) + " objects");
        }
        return ExitCode.OK.number();
    }

    private void print(ArchiveReader.Item item) {
        String namespace = item.path().namespace();
        if (json) {
            System.out.println(Json.line(Json.object()
                    .put("type", "object")
                    .put("resource", item.path().groupResource())
                    .put("namespace", namespace)
                    .put("name", item.path().name())
                    .put("bytes", item.json().length)));
        } else {
            System.out.println(item.path().groupResource() + " " + (namespace.isEmpty() ? "" : namespace + "/")
                    + item.path().name());
        }
    }
}
