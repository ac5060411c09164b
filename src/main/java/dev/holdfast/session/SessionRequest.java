package dev.holdfast.session;

import java.nio.file.Path;

/** What was asked for. Credentials appear by reference only: {@code keyFile} names the file, never its content. */
public sealed interface SessionRequest {
    Path repository();

    Path keyFile();

    /** Threads of the mover; 0 leaves it to the agent. */
    int workers();

    /** Upper limit of source bytes per second; 0 means none. */
    long bytesPerSecondMax();

    /** The same transfer with another limit. */
    SessionRequest withBytesPerSecondMax(long limit);

    /** Move {@code source} (directory, block device or image file) into the repository. */
    record Backup(Path repository, Path keyFile, int workers, long bytesPerSecondMax, Path source, String sourceName)
            implements SessionRequest {
        @Override
        public Backup withBytesPerSecondMax(long limit) {
            return new Backup(repository, keyFile, workers, limit, source, sourceName);
        }
    }

    /** Move {@code snapshot} (id, prefix, {@code latest} or {@code latest:<source>}) to {@code target}. */
    record Restore(Path repository, Path keyFile, int workers, long bytesPerSecondMax, String snapshot, Path target)
            implements SessionRequest {
        @Override
        public Restore withBytesPerSecondMax(long limit) {
            return new Restore(repository, keyFile, workers, limit, snapshot, target);
        }
    }
}
