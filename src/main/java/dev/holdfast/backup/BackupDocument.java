package dev.holdfast.backup;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** A backup as plugins want to see it: a {@code Backup} of Velero, which is in no cluster. */
final class BackupDocument {
    private BackupDocument() {}

    /** What Velero would be at. */
    enum Phase {
        IN_PROGRESS("InProgress"),
        /** Work of plugins is over, and what was to be taken after it is taken. */
        FINALIZING("Finalizing");

        private final String text;

        Phase(String text) {
            this.text = text;
        }
    }

    /** JSON. It says that volumes are not taken, so that no plugin starts a snapshot. */
    static byte[] of(String id, BackupOrder order, Instant started, Phase phase) {
        ObjectNode backup =
                Json.MAPPER.createObjectNode().put("apiVersion", "velero.io/v1").put("kind", "Backup");
        backup.putObject("metadata")
                .put("name", order.name())
                .put("namespace", "velero")
                .put("uid", id)
                .put("creationTimestamp", started.toString());
        ObjectSelection selection = order.selection();
        ObjectNode spec = backup.putObject("spec");
        put(
                spec,
                "includedNamespaces",
                selection.includedNamespaces().isEmpty() ? List.of("*") : selection.includedNamespaces());
        put(spec, "excludedNamespaces", selection.excludedNamespaces());
        put(spec, "includedResources", selection.includedResources());
        put(spec, "excludedResources", selection.excludedResources());
        switch (selection.clusterScope()) {
            case ALL -> spec.put("includeClusterResources", true);
            case NONE -> spec.put("includeClusterResources", false);
            case AUTO -> {}
        }
        spec.put("snapshotVolumes", false).put("defaultVolumesToFsBackup", false);
        backup.putObject("status")
                .put("phase", phase.text)
                .put("formatVersion", "1.1.0")
                .put("startTimestamp", started.toString());
        return backup.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void put(ObjectNode spec, String name, List<String> values) {
        if (!values.isEmpty()) {
            ArrayNode array = spec.putArray(name);
            values.forEach(array::add);
        }
    }
}
