package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A repository in a directory. Thread-safe; any number of processes may use it at once. */
public final class Repository implements Closeable {
    private Repository() {}

    /**
     * Makes a repository in {@code directory}, which is created. A key file that exists is used, else one is made.
     *
     * @throws TransferException REPOSITORY_EXISTS, KEY_WRONG when the key file is none
     */
    public static Repository init(Path directory, Path keyFile) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /**
     * Opens a repository.
     *
     * @throws TransferException REPOSITORY_MISSING, REPOSITORY_NEWER, REPOSITORY_DAMAGED, KEY_MISSING, KEY_WRONG
     */
    public static Repository open(Path directory, Path keyFile) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** 32 hex digits. */
    public String id() {
        throw new UnsupportedOperationException();
    }

    /** 32 secret bytes that decide where content is cut; a fresh copy. */
    public byte[] chunkerSeed() {
        throw new UnsupportedOperationException();
    }

    /** For one thread. */
    public ChunkHasher hasher() {
        throw new UnsupportedOperationException();
    }

    /** For one thread. */
    public ChunkReader reader() throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** All readable snapshots, oldest first; {@link #checkObjects} names the others. */
    public List<Snapshot> snapshots() throws TransferException {
        throw new UnsupportedOperationException();
    }

    /**
     * Finds one snapshot.
     *
     * @param which an id, an unambiguous prefix of one, or {@code latest}
     * @param source only snapshots of this source count; null for all
     * @throws TransferException SNAPSHOT_MISSING; REPOSITORY_DAMAGED when it, or for {@code latest} any, is unreadable
     */
    public Snapshot snapshot(String which, @Nullable String source) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** The newest readable snapshot of a source, or null. */
    public @Nullable Snapshot latestOf(String source) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /**
     * Looks a session up.
     *
     * @param token checked when given
     * @throws TransferException TOKEN_REFUSED when the token is not one of this repository and session
     */
    public SessionState sessionState(String sessionId, @Nullable String token) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /**
     * Begins the next attempt of a session: fences earlier ones off, adopts and verifies what they made durable.
     *
     * @param sessionId 1 to 48 of a-z, 0-9 and hyphen
     * @param token of an earlier attempt; null when none is known, which loses nothing
     * @param source what snapshots of this source are filed under
     * @throws TransferException TOKEN_REFUSED when token, session and source do not belong together
     */
    public Attempt begin(String sessionId, @Nullable String token, String source) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** Names of all published packs, sorted. */
    public List<String> packs() throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** Reads a pack from end to end and proves every frame and every chunk. */
    public PackReport check(String pack) throws TransferException {
        throw new UnsupportedOperationException();
    }

    /** Opens every object that is not a pack; one sentence per unreadable one, naming it. */
    public List<String> checkObjects() throws TransferException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
