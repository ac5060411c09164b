package dev.holdfast.backup;

import java.nio.file.Path;

/** Where an object backup goes. Paths are absolute and of the agent's node. */
public sealed interface BackupTarget {
    /** An archive as Velero has it: tar and gzip. */
    record ArchiveFile(Path file) implements BackupTarget {}

    /**
     * A snapshot with one archive, not compressed, so that what did not change since the last one is not stored again.
     */
    record InRepository(Path repository, Path keyFile) implements BackupTarget {}
}
