package dev.holdfast.transfer;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** All that one run of the engine needs to know. Paths are absolute. */
public sealed interface TransferPlan {
    /** Most threads of one transfer. */
    int WORKERS_MAX = 64;

    /** Directory of the repository. */
    Path repository();

    /** File that holds the repository's key. */
    Path keyFile();

    /** Directory on a disk for files that are gone with the process: at most 24 bytes for each chunk known. */
    Path scratch();

    /** Name of the session inside the repository; the same for every attempt at the same transfer. */
    String sessionId();

    /** Token of an earlier attempt, or null at the first one. */
    @Nullable
    String token();

    /**
     * Threads that read, hash, compress and seal; 1 to {@value #WORKERS_MAX}. Each takes about 14 MiB of memory, so 8
     * of them are what a mover of 160 MiB has room for.
     */
    int workers();

    /** Upper limit of source bytes per second; 0 means none. */
    long bytesPerSecondMax();

    private static void requireWorkers(int workers) {
        if (workers < 1 || workers > WORKERS_MAX) {
            throw new IllegalArgumentException(workers + " workers; 1 to " + WORKERS_MAX + " are possible");
        }
    }

    /**
     * Moves {@code source} (a directory, a block device or an image file) into the repository.
     *
     * @param sourceName what snapshots of this source are filed under; equal names make increments of each other
     */
    record Backup(
            Path repository,
            Path keyFile,
            Path scratch,
            String sessionId,
            @Nullable String token,
            int workers,
            long bytesPerSecondMax,
            Path source,
            String sourceName)
            implements TransferPlan {
        public Backup {
            TransferPlan.requireWorkers(workers);
        }
    }

    /**
     * Moves a snapshot out of the repository to {@code target}, a directory that is empty or absent, or for a block
     * snapshot a device or file.
     *
     * @param snapshot id of a snapshot, an unambiguous prefix of one, {@code latest} or {@code latest:<source>}
     */
    record Restore(
            Path repository,
            Path keyFile,
            Path scratch,
            String sessionId,
            @Nullable String token,
            int workers,
            long bytesPerSecondMax,
            String snapshot,
            Path target)
            implements TransferPlan {
        public Restore {
            TransferPlan.requireWorkers(workers);
        }
    }
}
