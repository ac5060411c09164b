package dev.holdfast.backup;

import java.nio.file.Path;

/** Moves a finished archive into a repository. */
public interface ArchiveStore {
    /**
     * Starts, and returns at once; the folder stays until {@link #await} has returned.
     *
     * @param id of the backup, and of what moves it
     * @param folder holds the archive and nothing else
     * @return the session that does it
     */
    String start(String id, Path folder, BackupOrder order, BackupTarget.InRepository target) throws BackupException;

    /** Returns when the archive is in the repository. */
    void await(String session) throws BackupException, InterruptedException;

    /** Gives it up. */
    void cancel(String session);

    /** Whether such a session is still at work, perhaps since before the agent was started. */
    boolean busy(String session);
}
