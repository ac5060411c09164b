package dev.holdfast.backup;

/**
 * How far an object backup is.
 *
 * @param resourcesDone of {@code resourcesTotal} kinds of objects, once they are known
 * @param bytes of the objects taken
 */
public record BackupProgress(
        Phase phase, int resourcesDone, int resourcesTotal, long objects, long failed, long skipped, long bytes) {
    public static final BackupProgress NONE = new BackupProgress(Phase.QUEUED, 0, 0, 0, 0, 0, 0);

    /** What it is at. */
    public enum Phase {
        QUEUED,
        STARTING,
        LISTING,
        /** Fetching what taken objects need. */
        ADDING,
        /** For work that plugins go on with. */
        WAITING,
        /** Making the archive durable. */
        WRITING,
        /** Moving it into the repository. */
        STORING,
        ENDED
    }
}
