package dev.holdfast.mover.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a mover ended, written once, before it exits. No result and no process is a crash.
 *
 * @param end {@code COMPLETED}, {@code STOPPED}, {@code CANCELED} or {@code FAILED}
 * @param snapshot set when completed
 * @param failure set when failed
 */
public record ResultFile(
        int generation,
        String end,
        @Nullable String snapshot,
        @Nullable Trouble failure,
        Status status) {
    private static final String NAME = "result.json";

    /** Why it failed. */
    public record Trouble(String code, String message, boolean retryable) {}

    /** Writes {@code result.json} durably. */
    public void write(Path directory) throws IOException {
        ObjectNode json = Json.object();
        json.put("version", 1);
        json.put("generation", generation);
        json.put("end", end);
        json.put("snapshot", snapshot);
        if (failure != null) {
            json.putObject("failure")
                    .put("code", failure.code())
                    .put("message", failure.message())
                    .put("retryable", failure.retryable());
        }
        json.set("status", status.toJson());
        DurableFile.replace(directory.resolve(NAME), Json.bytes(json));
    }

    /** The result of this generation; empty if there is none, or only one of another generation. */
    public static Optional<ResultFile> read(Path directory, int generation) throws IOException {
        Path file = directory.resolve(NAME);
        ObjectNode json;
        try {
            json = Json.parse(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        Json.requireVersion(json, file.toString());
        if (Json.number(json, "generation") != generation) {
            return Optional.empty();
        }
        ObjectNode trouble = Json.childOrNull(json, "failure");
        return Optional.of(new ResultFile(
                generation,
                Json.text(json, "end"),
                Json.textOrNull(json, "snapshot"),
                trouble == null
                        ? null
                        : new Trouble(
                                Json.text(trouble, "code"),
                                Json.text(trouble, "message"),
                                Json.flag(trouble, "retryable")),
                Status.fromJson(Json.child(json, "status"))));
    }
}
