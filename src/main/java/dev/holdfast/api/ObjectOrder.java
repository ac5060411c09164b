package dev.holdfast.api;

import dev.holdfast.backup.BackupOrder;
import dev.holdfast.backup.BackupTarget;
import dev.holdfast.backup.ClusterScope;
import dev.holdfast.backup.ObjectSelection;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Body of {@code POST /api/v1/objects}. */
@Schema(description = "A backup of Kubernetes objects. Paths are absolute and of the agent's node.")
public record ObjectOrder(
        @Schema(description = "what it is called, and what its snapshots are filed under; \"objects\" if absent")
        @Nullable
        String name,

        @Schema(description = "namespaces to take, * for parts of a name; all if absent") @Nullable
        List<String> namespaces,

        @Schema(description = "namespaces to leave out") @Nullable
        List<String> excludeNamespaces,

        @Schema(description = "resources to take, such as pods, deployments.apps or *.example.com; all if absent")
        @Nullable
        List<String> resources,

        @Schema(description = "resources to leave out") @Nullable
        List<String> excludeResources,

        @Schema(description = "label selector in Kubernetes' syntax") @Nullable
        String labels,

        @Schema(
                description = "objects of the whole cluster: auto takes all of them with all namespaces,"
                        + " else those that others need",
                enumeration = {"auto", "all", "none"})
        @Nullable
        String clusterScope,

        @Schema(description = "archive to write, as Velero reads it; either this or repository") @Nullable
        String file,

        @Schema(description = "directory of the repository to write a snapshot to") @Nullable
        String repository,

        @Schema(description = "file with the repository's key") @Nullable
        String keyFile) {
    private static final int NAME_MAX = 63;
    private static final int LIST_MAX = 1000;

    /** What is asked for, checked for form; whether the cluster has it is the backup's business. */
    BackupOrder order() {
        String called = name == null ? "objects" : name;
        if (!called.matches("[a-z0-9]([-a-z0-9.]{0," + (NAME_MAX - 2) + "}[a-z0-9])?")) {
            throw ApiException.invalid("field \"name\" is \"" + called + "\": 1 to " + NAME_MAX
                    + " lower-case letters, digits, inner hyphens and dots are allowed");
        }
        ObjectSelection selection = new ObjectSelection(
                list("namespaces", namespaces),
                list("excludeNamespaces", excludeNamespaces),
                list("resources", resources),
                list("excludeResources", excludeResources),
                labels == null ? "" : labels.strip(),
                scope());
        return new BackupOrder(called, selection, target());
    }

    private ClusterScope scope() {
        return switch (clusterScope) {
            case null -> ClusterScope.AUTO;
            case "auto" -> ClusterScope.AUTO;
            case "all" -> ClusterScope.ALL;
            case "none" -> ClusterScope.NONE;
            default ->
                throw ApiException.invalid(
                        "field \"clusterScope\" is \"" + clusterScope + "\": auto, all or none is allowed");
        };
    }

    private BackupTarget target() {
        if ((file == null) == (repository == null)) {
            throw ApiException.invalid("exactly one of the fields \"file\" and \"repository\" is needed");
        }
        if (file != null) {
            if (keyFile != null) {
                throw ApiException.invalid("field \"keyFile\" has no meaning for an archive in a file");
            }
            return new BackupTarget.ArchiveFile(path("file", file));
        }
        return new BackupTarget.InRepository(path("repository", repository), path("keyFile", keyFile));
    }

    private static List<String> list(String field, @Nullable List<String> values) {
        if (values == null) {
            return List.of();
        }
        if (values.size() > LIST_MAX) {
            throw ApiException.invalid("field \"" + field + "\" has more than " + LIST_MAX + " entries");
        }
        for (@Nullable String value : values) {
            if (value == null || !value.matches("[A-Za-z0-9.*-]{1,253}")) {
                throw ApiException.invalid("field \"" + field + "\": \"" + value + "\" is no name");
            }
        }
        return values;
    }

    private static Path path(String field, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw ApiException.invalid("field \"" + field + "\" is missing: an absolute path is needed");
        }
        try {
            Path path = Path.of(value);
            if (!path.isAbsolute() || path.getParent() == null) {
                throw ApiException.invalid("field \"" + field + "\" is \"" + value + "\": an absolute path is needed");
            }
            return path.normalize();
        } catch (InvalidPathException e) {
            throw ApiException.invalid(
                    "field \"" + field + "\" is not a path: " + e.getReason().toLowerCase(Locale.ROOT));
        }
    }
}
