package dev.holdfast.transfer.repository;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What {@link Attempt#commit} makes a {@link Snapshot} of; the fields mean the same. */
public record SnapshotDraft(
        Instant started,
        Instant finished,
        Snapshot.Kind kind,
        List<ChunkId> root,
        long files,
        long bytes,
        long stored,
        Map<String, Long> warnings,
        String host) {
    public SnapshotDraft {
        root = List.copyOf(root);
        warnings = Map.copyOf(warnings);
    }
}
