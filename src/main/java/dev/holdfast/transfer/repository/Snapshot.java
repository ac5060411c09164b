package dev.holdfast.transfer.repository;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A committed, complete state of a source.
 *
 * @param id 32 hex digits
 * @param source what the source is filed under
 * @param root what the engine needs to find everything else, in its own order
 * @param files entries of the source
 * @param bytes source bytes
 * @param stored bytes that the session added to the repository
 * @param warnings how many entries could not be taken as they are, by kind
 * @param host where the source was read
 */
public record Snapshot(
        String id,
        String source,
        Instant started,
        Instant finished,
        Kind kind,
        List<ChunkId> root,
        long files,
        long bytes,
        long stored,
        Map<String, Long> warnings,
        String host) {
    /** What kind of source it was. */
    public enum Kind {
        TREE,
        BLOCK
    }

    public Snapshot {
        root = List.copyOf(root);
        warnings = Map.copyOf(warnings);
    }
}
