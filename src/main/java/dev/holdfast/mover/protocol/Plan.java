package dev.holdfast.mover.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;

/** What is to be moved from where to where. */
public sealed interface Plan {
    /** Directory of the repository. */
    Path repository();

    /** File that holds the repository's key. */
    Path keyFile();

    /** Threads of the transfer. */
    int workers();

    /** 0 means no limit. */
    long bytesPerSecondMax();

    /** From {@code source} into the repository. */
    record Backup(Path repository, Path keyFile, int workers, long bytesPerSecondMax, Path source, String sourceName)
            implements Plan {}

    /** From the repository to {@code target}. */
    record Restore(Path repository, Path keyFile, int workers, long bytesPerSecondMax, String snapshot, Path target)
            implements Plan {}

    /** As written to the bootstrap file. */
    default ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("repository", repository().toString());
        json.put("keyFile", keyFile().toString());
        json.put("workers", workers());
        json.put("bytesPerSecondMax", bytesPerSecondMax());
        switch (this) {
            case Backup backup ->
                json.put("kind", "backup")
                        .put("source", backup.source().toString())
                        .put("sourceName", backup.sourceName());
            case Restore restore ->
                json.put("kind", "restore")
                        .put("snapshot", restore.snapshot())
                        .put("target", restore.target().toString());
        }
        return json;
    }

    /** Reverse of {@link #toJson}. */
    static Plan fromJson(ObjectNode json) throws IOException {
        Path repository = Path.of(Json.text(json, "repository"));
        Path keyFile = Path.of(Json.text(json, "keyFile"));
        int workers = (int) Json.number(json, "workers");
        long limit = Json.numberOr(json, "bytesPerSecondMax", 0);
        String kind = Json.text(json, "kind");
        return switch (kind) {
            case "backup" ->
                new Backup(
                        repository,
                        keyFile,
                        workers,
                        limit,
                        Path.of(Json.text(json, "source")),
                        Json.text(json, "sourceName"));
            case "restore" ->
                new Restore(
                        repository,
                        keyFile,
                        workers,
                        limit,
                        Json.text(json, "snapshot"),
                        Path.of(Json.text(json, "target")));
            default -> throw new IOException("plan of kind \"" + kind + "\": this version knows backup and restore");
        };
    }
}
