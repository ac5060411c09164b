package dev.holdfast.api;

import dev.holdfast.config.MoverConfig;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Body of {@code POST /api/v1/sessions}. */
@Schema(description = "A transfer to be made. Paths are absolute and of the agent's node.")
public record SessionOrder(
        @Schema(
                required = true,
                enumeration = {"backup", "restore"})
        @Nullable
        String kind,

        @Schema(
                description = "1 to 48 of a-z, 0-9 and inner hyphens; made up if absent."
                        + " The same order under the same id again is no second session.")
        @Nullable
        String id,

        @Schema(required = true, description = "directory of the repository") @Nullable
        String repository,

        @Schema(required = true, description = "file with the repository's key") @Nullable
        String keyFile,

        @Schema(description = "backup: directory, block device or image file to take") @Nullable
        String source,

        @Schema(description = "backup: what snapshots are filed under; the source's path if absent") @Nullable
        String sourceName,

        @Schema(
                description =
                        "restore: id, prefix of one, latest:<source>, or latest (the default) if all are of one source")
        @Nullable
        String snapshot,

        @Schema(description = "restore: directory to fill, absent or empty") @Nullable
        String target,

        @Schema(description = "threads, 0 to " + MoverConfig.WORKERS_MAX + "; 0 or absent leaves it to the agent")
        @Nullable
        Integer workers,

        @Schema(description = "limit of source bytes per second; 0 or absent means none") @Nullable
        Long bytesPerSecondMax) {
    private static final int NAME_MAX = 256;

    /** As long as the kernel takes them. */
    private static final int PATH_MAX = 4096;

    Optional<SessionId> sessionId() {
        if (id == null) {
            return Optional.empty();
        }
        return Optional.of(sessionId(id));
    }

    static SessionId sessionId(String value) {
        try {
            return new SessionId(value);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(String.valueOf(e.getMessage()));
        }
    }

    /** What is asked for, checked for form; whether the paths exist is the mover's business. */
    SessionRequest request() {
        return switch (kind) {
            case "backup" -> backup();
            case "restore" -> restore();
            case null -> throw ApiException.invalid("field \"kind\" is missing: backup or restore");
            default -> throw ApiException.invalid("field \"kind\" is \"" + kind + "\": backup or restore is allowed");
        };
    }

    private SessionRequest backup() {
        absent("snapshot", snapshot, "backup");
        absent("target", target, "backup");
        Path from = path("source", source);
        String name = sourceName == null ? from.toString() : text("sourceName", sourceName, NAME_MAX);
        return new SessionRequest.Backup(
                path("repository", repository), path("keyFile", keyFile), workerCount(), limit(), from, name);
    }

    private SessionRequest restore() {
        absent("source", source, "restore");
        absent("sourceName", sourceName, "restore");
        String which = snapshot == null ? "latest" : text("snapshot", snapshot, PATH_MAX);
        return new SessionRequest.Restore(
                path("repository", repository),
                path("keyFile", keyFile),
                workerCount(),
                limit(),
                which,
                path("target", target));
    }

    private int workerCount() {
        int count = workers == null ? 0 : workers;
        if (count < 0 || count > MoverConfig.WORKERS_MAX) {
            throw ApiException.invalid(
                    "field \"workers\" is " + count + ": allowed is 0 to " + MoverConfig.WORKERS_MAX);
        }
        return count;
    }

    private long limit() {
        return limit(bytesPerSecondMax == null ? 0 : bytesPerSecondMax);
    }

    static long limit(long bytesPerSecondMax) {
        if (bytesPerSecondMax < 0) {
            throw ApiException.invalid("field \"bytesPerSecondMax\" is " + bytesPerSecondMax + ": 0 means no limit");
        }
        return bytesPerSecondMax;
    }

    private static Path path(String field, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw ApiException.invalid("field \"" + field + "\" is missing: an absolute path is needed");
        }
        if (value.getBytes(StandardCharsets.UTF_8).length > PATH_MAX) {
            throw ApiException.invalid("field \"" + field + "\" is longer than " + PATH_MAX + " bytes");
        }
        try {
            Path path = Path.of(value);
            if (!path.isAbsolute()) {
                throw ApiException.invalid("field \"" + field + "\" is \"" + value
                        + "\": an absolute path is needed, the agent's own directory means nothing to you");
            }
            return path.normalize();
        } catch (InvalidPathException e) {
            throw ApiException.invalid("field \"" + field + "\" is not a path: " + e.getReason());
        }
    }

    private static String text(String field, String value, int max) {
        if (value.isBlank() || value.length() > max || value.chars().anyMatch(Character::isISOControl)) {
            throw ApiException.invalid(
                    "field \"" + field + "\": 1 to " + max + " characters without control characters are allowed");
        }
        return value;
    }

    private static void absent(String field, @Nullable Object value, String kind) {
        if (value != null) {
            throw ApiException.invalid("field \"" + field + "\" has no meaning for a " + kind);
        }
    }
}
