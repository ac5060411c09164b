package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A repository in a directory. Thread-safe; any number of processes may use it at once. */
public final class Repository implements Closeable {
    private final BlobStore store;
    private final String id;
    private final Keys keys;
    private final SealedObjects objects;
    private final Sessions sessions;
    private final Snapshots snapshots;
    private final Catalog catalog;

    private Repository(BlobStore store, String id, Keys keys, Path scratch) {
        this.store = store;
        this.id = id;
        this.keys = keys;
        objects = new SealedObjects(store, keys);
        sessions = new Sessions(store, objects);
        snapshots = new Snapshots(store, objects);
        catalog = new Catalog(this, scratch);
    }

    /**
     * Makes a repository in {@code directory}, which is created. A key file that exists is used, else one is made.
     *
     * @throws TransferException REPOSITORY_EXISTS, KEY_WRONG when the key file is none
     */
    public static Repository init(Path directory, Path keyFile) throws TransferException {
        FileBlobStore store = new FileBlobStore(directory);
        requireEmpty(store, directory);
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String id = HexFormat.of().formatHex(random);
        Keys keys = new Keys(KeyFile.readOrMake(keyFile), id);
        byte[] format = new RepositoryFormat(id, keys.check())
                .encode(InstantSource.system().instant().toString());
        try {
            Files.createDirectories(directory);
            if (!store.putIfAbsent(RepositoryFormat.NAME, format)) {
                throw exists(directory);
            }
        } catch (IOException failed) {
            throw Trouble.inTheWay("create repository in", directory.toString(), failed);
        }
        return new Repository(store, id, keys, temporary());
    }

    private static void requireEmpty(FileBlobStore store, Path directory) throws TransferException {
        if (!Files.exists(directory)) {
            return;
        }
        try {
            boolean folder = Files.isDirectory(directory);
            if (folder && store.exists(RepositoryFormat.NAME)) {
                throw exists(directory);
            }
            Optional<String> found = folder ? store.anything() : Optional.of("a file");
            if (found.isPresent()) {
                throw new TransferException(
                        Code.REPOSITORY_EXISTS,
                        "create repository in " + directory + ": found " + found.get()
                                + " there; name an absent or empty directory");
            }
        } catch (IOException failed) {
            throw Trouble.inTheWay("create repository in", directory.toString(), failed);
        }
    }

    private static TransferException exists(Path directory) {
        return new TransferException(
                Code.REPOSITORY_EXISTS, "create repository in " + directory + ": there is one already; take another");
    }

    /**
     * Opens a repository; what is too large for memory goes to the system's temporary directory.
     *
     * @throws TransferException REPOSITORY_MISSING, REPOSITORY_NEWER, REPOSITORY_DAMAGED, KEY_MISSING, KEY_WRONG
     */
    public static Repository open(Path directory, Path keyFile) throws TransferException {
        return open(directory, keyFile, temporary());
    }

    /** As {@link #open(Path, Path)}, to find what is wrong: one index that cannot be read does not hide the others. */
    public static Repository openToVerify(Path directory, Path keyFile) throws TransferException {
        Repository repository = open(directory, keyFile);
        repository.catalog.tolerate();
        return repository;
    }

    private static Path temporary() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /**
     * Opens a repository.
     *
     * @param scratch directory for the part of the index that is too large for memory, if there is one: 24 bytes a
     *     chunk
     * @throws TransferException as {@link #open(Path, Path)}
     */
    public static Repository open(Path directory, Path keyFile, Path scratch) throws TransferException {
        FileBlobStore store = new FileBlobStore(directory);
        RepositoryFormat format;
        try {
            format = RepositoryFormat.decode(
                    store.get(RepositoryFormat.NAME, RepositoryFormat.BYTES_MAX),
                    store.locationOf(RepositoryFormat.NAME));
        } catch (NoSuchFileException missing) {
            throw new TransferException(
                    Code.REPOSITORY_MISSING,
                    "open repository " + directory + ": there is none; is it mounted, or is init still to be done?",
                    missing);
        } catch (IOException failed) {
            throw Trouble.of("open repository", directory.toString(), failed);
        }
        Keys keys = new Keys(KeyFile.read(keyFile), format.id());
        if (!keys.check().equals(format.keyCheck())) {
            throw new TransferException(
                    Code.KEY_WRONG,
                    "open repository " + directory + ": " + keyFile
                            + " holds the key of another repository; give the one that was made with it");
        }
        return new Repository(store, format.id(), keys, scratch);
    }

    /** 32 hex digits. */
    public String id() {
        return id;
    }

    /** 32 secret bytes that decide where content is cut; a fresh copy. */
    public byte[] chunkerSeed() {
        return keys.derive("chunker");
    }

    /** For one thread. */
    public ChunkHasher hasher() {
        return keys.hasher();
    }

    /** For one thread. */
    public ChunkReader reader() throws TransferException {
        catalog.readable();
        return new ChunkReader(this);
    }

    /** All readable snapshots, oldest first; {@link #checkObjects} names the others. */
    public List<Snapshot> snapshots() throws TransferException {
        List<TransferException> trouble = new ArrayList<>();
        List<Snapshot> readable = snapshots.all(trouble);
        for (TransferException one : trouble) {
            Trouble.requireDamage(one);
        }
        return readable;
    }

    /** As {@link #snapshots}, past those of newer programs and those that the disk cannot read too. */
    public List<Snapshot> readableSnapshots() throws TransferException {
        return snapshots.all(new ArrayList<>());
    }

    /**
     * Finds one snapshot.
     *
     * @param which an id, an unambiguous prefix of one, {@code latest:<source>}, or {@code latest} if all are of one
     *     source
     * @param within only snapshots whose source begins so count; empty for all
     * @throws TransferException SNAPSHOT_MISSING; REPOSITORY_DAMAGED when it, or for the latest any, is unreadable
     */
    public Snapshot snapshot(String which, String within) throws TransferException {
        return snapshots.find(which, within);
    }

    /** The newest readable snapshot of a source, or null. */
    public @Nullable Snapshot latestOf(String source) throws TransferException {
        return snapshots().stream()
                .filter(snapshot -> snapshot.source().equals(source))
                .reduce((older, newer) -> newer)
                .orElse(null);
    }

    /**
     * Looks a session up.
     *
     * @param token checked when given
     * @throws TransferException TOKEN_REFUSED when the token is not one of this repository and session
     */
    public SessionState sessionState(String sessionId, @Nullable String token) throws TransferException {
        Sessions.require(sessionId);
        if (token != null) {
            Token.check(token, keys, id, sessionId, null);
        }
        String snapshot = Sessions.snapshot(keys.snapshotId(sessionId));
        if (confirmed(snapshot)) {
            return new SessionState.Completed(snapshots.read(snapshot));
        }
        Sessions.Closed closed = sessions.closed(sessionId);
        if (closed != null) {
            return new SessionState.Finished(closed.outcome());
        }
        long epoch = sessions.lastEpoch(sessionId);
        return epoch > 0 ? new SessionState.Unfinished(epoch) : new SessionState.Unknown();
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
        Sessions.require(sessionId);
        if (token != null) {
            Token.check(token, keys, id, sessionId, source);
        }
        long last = sessions.lastEpoch(sessionId);
        if (last > 0) {
            requireSource(sessionId, last, source);
        }
        long epoch = sessions.openNext(sessionId, source);
        Adoption adoption = Adoption.of(this, sessionId, epoch, token != null && last == 0);
        catalog.readBy(adoption.chunks());
        return new Attempt(this, sessionId, source, adoption);
    }

    private void requireSource(String sessionId, long epoch, String source) throws TransferException {
        try {
            String before = sessions.sourceOf(sessionId, epoch);
            if (!before.equals(source)) {
                throw new TransferException(
                        Code.TOKEN_REFUSED,
                        "resume session " + sessionId + ": it was begun for source " + before + ", not " + source
                                + "; use another session");
            }
        } catch (TransferException failed) {
            Trouble.requireDamage(failed);
        }
    }

    /**
     * Removes what sessions left that nobody has worked on for 7 days, provided that nothing can refer to it.
     *
     * @return how many packs went
     */
    public int sweep() throws TransferException {
        return new Sweep(this).run();
    }

    /** Names of all published packs, sorted. */
    public List<String> packs() throws TransferException {
        return list("packs/").stream().filter(Sessions::isPack).toList();
    }

    /**
     * Reads a pack from end to end and proves every frame and every chunk. One that goes meanwhile has no problems: a
     * sweep removes what nothing refers to; {@link #checkObjects} names those that something refers to.
     */
    public PackReport check(String pack) throws TransferException {
        PackReport report;
        try (PackReader reader = new PackReader(store, keys)) {
            report = new PackCheck(pack, reader, hasher(), store).run(size(pack));
        } catch (TransferException damaged) {
            String problem = String.valueOf(requireOfObject(damaged).getMessage());
            report = new PackReport(pack, 0, 0, 0, List.of(problem));
        }
        return report.problems().isEmpty() || has(pack) ? report : new PackReport(pack, 0, 0, 0, List.of());
    }

    /** Opens every object that is not a pack; one sentence per unreadable or dangling one, naming it. */
    public List<String> checkObjects() throws TransferException {
        List<String> problems = new ArrayList<>();
        for (String name : list(Catalog.INDEX)) {
            try {
                for (PackList.Item item : catalog.read(name)) {
                    if (!has(item.name) || size(item.name) != item.size) {
                        problems.add(store.locationOf(name) + ": pack " + item.name + " is missing or cut");
                    }
                }
            } catch (TransferException damaged) {
                problems.add(String.valueOf(requireOfObject(damaged).getMessage()));
            }
        }
        List<TransferException> damage = new ArrayList<>();
        snapshots.all(damage);
        for (String name : list("sessions/")) {
            try {
                objects.get(Sessions.kindOf(name), name);
            } catch (TransferException damaged) {
                damage.add(requireOfObject(damaged));
            }
        }
        damage.forEach(damaged -> problems.add(String.valueOf(damaged.getMessage())));
        return problems;
    }

    /**
     * Passes on what is wrong with one object: damaged, of a newer program, or not to be read while others are, as of a
     * disk with a bad place. Throws what keeps all of the repository from being read.
     */
    public TransferException requireOfObject(TransferException failed) throws TransferException {
        return Trouble.requireOfObject(store, failed);
    }

    @Override
    public void close() {
        catalog.close();
    }

    List<String> list(String folder) throws TransferException {
        try {
            return store.list(folder);
        } catch (IOException failed) {
            throw Trouble.of("list", store.locationOf(folder), failed);
        }
    }

    boolean has(String name) throws TransferException {
        try {
            return store.exists(name);
        } catch (IOException failed) {
            throw Trouble.of("look up", store.locationOf(name), failed);
        }
    }

    /** Whether it is there, and will be after a loss of power. */
    boolean confirmed(String name) throws TransferException {
        boolean there = has(name);
        if (there) {
            try {
                store.confirm(name);
            } catch (IOException failed) {
                throw Trouble.of("sync", store.locationOf(name), failed);
            }
        }
        return there;
    }

    /** Makes sure that every index that was seen is durable. */
    void confirmIndexes() throws TransferException {
        List<String> names = list(Catalog.INDEX);
        if (!names.isEmpty()) {
            confirmed(names.getFirst()); // They are in one folder.
        }
    }

    long size(String name) throws TransferException {
        try {
            return store.size(name);
        } catch (IOException failed) {
            throw Trouble.of("look up", store.locationOf(name), failed);
        }
    }

    Catalog catalog() {
        return catalog;
    }

    BlobStore store() {
        return store;
    }

    Keys keys() {
        return keys;
    }

    SealedObjects objects() {
        return objects;
    }

    Sessions sessions() {
        return sessions;
    }
}
