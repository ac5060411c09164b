package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A repository in a directory. Thread-safe; any number of processes may use it at once. Its own lock guards the names
 * of packs and the index that readers use.
 */
public final class Repository implements Closeable {
    private static final String INDEX = "index/";
    private static final String SNAPSHOTS = "snapshots/";
    private static final int FORMAT_MAX = 1 << 16;

    private final BlobStore store;
    private final String id;
    private final Keys keys;
    private final SealedObjects objects;
    private final Sessions sessions;
    private final List<String> packNames = new ArrayList<>();
    private final Map<String, Integer> packNumbers = new HashMap<>();
    private @Nullable ChunkIndex readable;
    private @Nullable ChunkIndex recovered;
    private boolean indexDamaged;

    private Repository(BlobStore store, String id, Keys keys) {
        this.store = store;
        this.id = id;
        this.keys = keys;
        objects = new SealedObjects(store, keys);
        sessions = new Sessions(store, objects);
    }

    /**
     * Makes a repository in {@code directory}, which is created. A key file that exists is used, else one is made.
     *
     * @throws TransferException REPOSITORY_EXISTS, KEY_WRONG when the key file is none
     */
    public static Repository init(Path directory, Path keyFile) throws TransferException {
        FileBlobStore store = new FileBlobStore(directory);
        if (store.exists(RepositoryFormat.NAME)) {
            throw exists(directory);
        }
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
            throw Trouble.of("create repository in", directory.toString(), failed);
        }
        return new Repository(store, id, keys);
    }

    private static TransferException exists(Path directory) {
        return new TransferException(
                Code.REPOSITORY_EXISTS, "create repository in " + directory + ": there is one; choose another directory");
    }

    /**
     * Opens a repository.
     *
     * @throws TransferException REPOSITORY_MISSING, REPOSITORY_NEWER, REPOSITORY_DAMAGED, KEY_MISSING, KEY_WRONG
     */
    public static Repository open(Path directory, Path keyFile) throws TransferException {
        FileBlobStore store = new FileBlobStore(directory);
        RepositoryFormat format;
        try {
            format = RepositoryFormat.decode(
                    store.get(RepositoryFormat.NAME, FORMAT_MAX), store.locationOf(RepositoryFormat.NAME));
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
                    "open repository " + directory + ": " + keyFile + " holds the key of another repository");
        }
        return new Repository(store, format.id(), keys);
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
        readableChunks();
        return new ChunkReader(this);
    }

    /** All readable snapshots, oldest first; {@link #checkObjects} names the others. */
    public List<Snapshot> snapshots() throws TransferException {
        return readSnapshots(new ArrayList<>());
    }

    private List<Snapshot> readSnapshots(List<TransferException> damage) throws TransferException {
        List<Snapshot> snapshots = new ArrayList<>();
        for (String name : list(SNAPSHOTS)) {
            try {
                snapshots.add(readSnapshot(name));
            } catch (TransferException damaged) {
                damage.add(requireDamage(damaged));
            }
        }
        snapshots.sort(Comparator.comparing(Snapshot::finished).thenComparing(Snapshot::id));
        return snapshots;
    }

    private Snapshot readSnapshot(String name) throws TransferException {
        byte[] plain = objects.get(SealedObjects.SNAPSHOT, name);
        try {
            return SnapshotCodec.decode(plain);
        } catch (BufferUnderflowException | IllegalArgumentException nonsense) {
            throw Trouble.damaged(store.locationOf(name), "it makes no sense", nonsense);
        }
    }

    /**
     * Finds one snapshot.
     *
     * @param which an id, an unambiguous prefix of one, or {@code latest}
     * @param source only snapshots of this source count; null for all
     * @throws TransferException SNAPSHOT_MISSING; REPOSITORY_DAMAGED when it, or for {@code latest} any, is unreadable
     */
    public Snapshot snapshot(String which, @Nullable String source) throws TransferException {
        Predicate<Snapshot> wanted = snapshot -> source == null || snapshot.source().equals(source);
        if (which.equals("latest")) {
            List<TransferException> damage = new ArrayList<>();
            List<Snapshot> all = readSnapshots(damage).stream().filter(wanted).toList();
            if (!damage.isEmpty()) {
                throw damage.getFirst(); // The damaged one may be the latest: an older one must not pass for it.
            }
            if (all.isEmpty()) {
                throw missing("there is no snapshot" + (source == null ? "" : " of " + source));
            }
            return all.getLast();
        }
        List<String> matches = list(SNAPSHOTS).stream()
                .filter(name -> !which.isEmpty() && name.startsWith(SNAPSHOTS + which))
                .toList();
        if (matches.size() != 1) {
            throw missing(matches.size() + " snapshots have an id that starts with '" + which + "'");
        }
        Snapshot found = readSnapshot(matches.getFirst());
        if (!wanted.test(found)) {
            throw missing("snapshot " + found.id() + " is not of " + source + " but of " + found.source());
        }
        return found;
    }

    private TransferException missing(String why) {
        return new TransferException(
                Code.SNAPSHOT_MISSING, "find snapshot in " + store.location() + ": " + why + "; list the snapshots");
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
        if (has(snapshot)) {
            return new SessionState.Completed(readSnapshot(snapshot));
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
        synchronized (this) {
            readable = adoption.chunks();
        }
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
            if (failed.code() != Code.REPOSITORY_DAMAGED) {
                throw failed;
            }
        }
    }

    /** Names of all published packs, sorted. */
    public List<String> packs() throws TransferException {
        return list("packs/");
    }

    /** Reads a pack from end to end and proves every frame and every chunk. */
    public PackReport check(String pack) throws TransferException {
        try (PackReader reader = new PackReader(store, keys)) {
            return new PackCheck(pack, reader, hasher()).run(size(pack));
        }
    }

    /** Opens every object that is not a pack; one sentence per unreadable or dangling one, naming it. */
    public List<String> checkObjects() throws TransferException {
        List<String> problems = new ArrayList<>();
        for (String name : list(INDEX)) {
            try {
                for (PackList.Item item : readIndex(name)) {
                    if (!has(item.name) || size(item.name) != item.size) {
                        problems.add(store.locationOf(name) + ": pack " + item.name + " is missing or cut");
                    }
                }
            } catch (TransferException damaged) {
                problems.add(String.valueOf(requireDamage(damaged).getMessage()));
            }
        }
        List<TransferException> damage = new ArrayList<>();
        readSnapshots(damage);
        for (String name : list("sessions/")) {
            try {
                objects.get(Sessions.kindOf(name), name);
            } catch (TransferException damaged) {
                damage.add(requireDamage(damaged));
            }
        }
        damage.forEach(damaged -> problems.add(String.valueOf(damaged.getMessage())));
        return problems;
    }

    @Override
    public void close() {
        // Files are open only while they are read.
    }

    private static TransferException requireDamage(TransferException failed) throws TransferException {
        if (failed.code() != Code.REPOSITORY_DAMAGED) {
            throw failed;
        }
        return failed;
    }

    private List<PackList.Item> readIndex(String name) throws TransferException {
        byte[] plain = objects.get(SealedObjects.INDEX, name);
        try {
            List<PackList.Item> items = PackList.decode(plain);
            items.forEach(item -> PackDirectory.entries(item.directory));
            return items;
        } catch (BufferUnderflowException | IllegalArgumentException nonsense) {
            throw Trouble.damaged(store.locationOf(name), "it makes no sense", nonsense);
        }
    }

    /** The chunks of all committed snapshots. An index that is damaged costs space, not correctness. */
    ChunkIndex freshChunks() throws TransferException {
        ChunkIndex chunks = new ChunkIndex();
        for (String name : list(INDEX)) {
            try {
                for (PackList.Item item : readIndex(name)) {
                    learn(chunks, number(item.name), item.directory);
                }
            } catch (TransferException damaged) {
                requireDamage(damaged);
                synchronized (this) {
                    indexDamaged = true;
                }
            }
        }
        return chunks;
    }

    static void learn(ChunkIndex chunks, int pack, byte[] directory) {
        for (PackDirectory.Entry entry : PackDirectory.entries(directory)) {
            if (Frames.holdsChunks(entry.type)) {
                for (int i = 0; i < entry.members; i++) {
                    chunks.putIfUnknown(entry.high(i), entry.low(i), Location.of(pack, entry.offset, i));
                }
            }
        }
    }

    private synchronized ChunkIndex readableChunks() throws TransferException {
        ChunkIndex chunks = readable;
        if (chunks == null) {
            chunks = freshChunks();
            readable = chunks;
        }
        return chunks;
    }

    /** Where a chunk is, at most {@link ChunkIndex#DEAD} when nobody knows. */
    long locate(ChunkId chunk) throws TransferException {
        long location = readableChunks().find(chunk.prefix(), chunk.second());
        return location > ChunkIndex.DEAD ? location : recoveredChunks().find(chunk.prefix(), chunk.second());
    }

    /** With an index damaged, what the packs say of themselves; for reading only. */
    private synchronized ChunkIndex recoveredChunks() throws TransferException {
        ChunkIndex chunks = recovered;
        if (chunks == null) {
            chunks = new ChunkIndex();
            if (indexDamaged) {
                try (PackReader reader = new PackReader(store, keys)) {
                    for (String pack : packs()) {
                        learn(chunks, number(pack), reader.directory(pack));
                    }
                }
            }
            recovered = chunks;
        }
        return chunks;
    }

    void putIndex(byte[] plain) throws TransferException {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(plain);
            objects.put(SealedObjects.INDEX, INDEX + HexFormat.of().formatHex(hash), plain);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("SHA-256 is part of every JDK", missing);
        }
    }

    synchronized int number(String pack) {
        return packNumbers.computeIfAbsent(pack, name -> {
            packNames.add(name);
            return packNames.size();
        });
    }

    synchronized String packName(int number) {
        return packNames.get(number - 1);
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

    long size(String name) throws TransferException {
        try {
            return store.size(name);
        } catch (IOException failed) {
            throw Trouble.of("look up", store.locationOf(name), failed);
        }
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
