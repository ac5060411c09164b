package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.TransferListener;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of one writing session. Thread-safe, except for its {@link PackWriter}s. Its own lock guards the lists of
 * packs and writers and what is durable.
 */
public final class Attempt implements Closeable {
    private static final int CHECKPOINT_PACKS = 256;

    /** Long before a sweep takes a session for dead. */
    private static final Duration SIGN_OF_LIFE = Duration.ofDays(1);

    /** Directories of packs of small files are large; what is held of them at once is not. */
    private static final int DIRECTORIES_MAX = 2 << 20;

    private final Repository repository;
    private final String session;
    private final String source;
    private final Adoption adopted;
    private final ChunkIndex chunks;
    private final AtomicLong sequence = new AtomicLong();
    private final AtomicLong packs = new AtomicLong();
    private final List<PackWriter> writers = new ArrayList<>();

    /** Numbers in the catalog: there is a pack for every 16 MiB. */
    private final BitSet published = new BitSet();

    private final List<PackList.Item> pending = new ArrayList<>();
    private final ThreadLocal<PackReader> recordReader;
    private final Set<PackReader> recordReaders = java.util.concurrent.ConcurrentHashMap.newKeySet();
    private long pendingBytes;
    private long blocksDurable;
    private @Nullable ChunkId lastDurable;

    Attempt(Repository repository, String session, String source, Adoption adopted) {
        this.repository = repository;
        this.session = session;
        this.source = source;
        this.adopted = adopted;
        chunks = adopted.chunks();
        sequence.set(adopted.sequencesUsed());
        lastDurable = adopted.lastBlock();
        pending.addAll(adopted.uncheckpointed());
        recordReader = ThreadLocal.withInitial(() -> {
            PackReader reader = new PackReader(repository.store(), repository.keys());
            recordReaders.add(reader);
            return reader;
        });
    }

    /** How it began. */
    public TransferListener.Start start() {
        return adopted.start();
    }

    /** What a later attempt must present; always the same for the same repository, session and source. */
    public String token() {
        return Token.make(repository.keys(), repository.id(), session, source);
    }

    /** 1 for the first attempt. */
    public long epoch() {
        return adopted.epoch();
    }

    /** Bytes of packs that earlier attempts made and this one goes on from. */
    public long adoptedBytes() {
        return adopted.bytes();
    }

    /** Bytes behind the last whole frame of unfinished packs, cut off and lost. */
    public long tornBytes() {
        return adopted.tornBytes();
    }

    /** Key of the first record behind the last chunk found durable, most likely the one that names it; or null. */
    public byte @Nullable [] lastRecordKey() {
        return adopted.lastRecordKey();
    }

    /** Data frames that this attempt has made durable. */
    public synchronized long blocksDurable() {
        return blocksDurable;
    }

    /** Id of the last chunk made durable; at first of the last one found, read back and proven. Null when none is. */
    public synchronized @Nullable ChunkId lastDurable() {
        return lastDurable;
    }

    /** Whether the chunk is in a committed snapshot's packs, or written (perhaps not yet durable) by this session. */
    public boolean knows(ChunkId id) {
        return chunks.find(id.prefix(), id.second()) > ChunkIndex.DEAD;
    }

    /** Whether an earlier attempt wrote the chunk and left no record behind it: its source is read once more. */
    public boolean unrecorded(ChunkId id) {
        return adopted.unrecorded().find(id.prefix(), id.second()) > ChunkIndex.DEAD;
    }

    /** True exactly once for an id that is not known: the caller must then write it, or the attempt must fail. */
    public boolean claim(ChunkId id) {
        return chunks.claim(id.prefix(), id.second());
    }

    /** For one worker. Closed with the attempt. */
    public synchronized PackWriter newWriter() {
        PackWriter writer = new PackWriter(this);
        writers.add(writer);
        return writer;
    }

    /** Payload of the newest record of this key that earlier attempts left, or null. */
    public byte @Nullable [] recorded(byte[] key16) throws TransferException {
        long high = (long) Encoder.LONG.get(key16, 0);
        long low = (long) Encoder.LONG.get(key16, 8);
        long location = adopted.records().find(high, low);
        if (location <= ChunkIndex.DEAD) {
            return null;
        }
        String pack = repository.catalog().packName(Location.pack(location));
        try {
            PackReader.Frame frame = new PackReader.Frame();
            recordReader.get().read(pack, Location.offset(location), frame);
            return frame.payload();
        } catch (TransferException damaged) {
            Trouble.requireDamage(damaged);
            return null; // What cannot be read is not finished: it is done again.
        }
    }

    /**
     * Notes which packs are published, to speed up a later attempt; once a day even if there is none, as a sign that
     * the session is alive. Any thread, any time.
     */
    public void checkpoint() throws TransferException {
        List<PackList.Item> items;
        synchronized (this) {
            items = List.copyOf(pending);
            pending.clear();
            pendingBytes = 0;
        }
        requireOwner();
        if (items.isEmpty() && hasRecentNote()) {
            return;
        }
        byte[] content = PackList.encode(items);
        long number = repository.sessions().lastCheckpoint(session) + 1;
        while (!repository.objects().put(SealedObjects.CHECKPOINT, Sessions.checkpoint(session, number), content)) {
            number++;
        }
    }

    private boolean hasRecentNote() throws TransferException {
        BlobStore store = repository.store();
        try {
            return repository.sessions().lastNote(session).isAfter(store.now().minus(SIGN_OF_LIFE));
        } catch (IOException failed) {
            throw Trouble.of("look up", store.locationOf(Sessions.folder(session)), failed);
        }
    }

    /** Throws FENCED when a newer attempt has taken the session over. */
    public void requireOwner() throws TransferException {
        String next = Sessions.open(session, epoch() + 1);
        try {
            if (repository.store().exists(next)) {
                throw new TransferException(
                        Code.FENCED,
                        "go on with session " + session + ": attempt " + epoch()
                                + " was replaced by a newer one; this process must end");
            }
        } catch (IOException failed) {
            throw Trouble.of("look up", repository.store().locationOf(next), failed);
        }
    }

    /**
     * Publishes all packs, then the index, then the snapshot, then closes the session. All writers must be at rest.
     * Done again after a crash it goes on where it stopped.
     *
     * @return id of the snapshot
     */
    public String commit(SnapshotDraft draft) throws TransferException {
        requireOwner();
        String id = repository.keys().snapshotId(session);
        if (!repository.confirmed(Sessions.snapshot(id))) {
            for (ChunkId root : draft.root()) {
                if (!knows(root)) {
                    throw new IllegalStateException("root chunk " + root + " was never written");
                }
            }
            publishAll();
            Failpoint.hit("commit-packs");
            writeIndex();
            repository.confirmIndexes(); // Also those of others, whose chunks this snapshot may name.
            Failpoint.hit("commit-index");
            requireOwner();
            Snapshot snapshot = new Snapshot(
                    id,
                    source,
                    draft.started(),
                    draft.finished(),
                    draft.kind(),
                    draft.root(),
                    draft.files(),
                    draft.bytes(),
                    draft.stored(),
                    draft.warnings(),
                    draft.host());
            repository.objects().put(SealedObjects.SNAPSHOT, Sessions.snapshot(id), SnapshotCodec.encode(snapshot));
        }
        Failpoint.hit("commit-snapshot");
        repository.sessions().close(session, id, "");
        Failpoint.hit("commit-closed");
        return id;
    }

    /** Closes the session without a snapshot. Done again it changes nothing. */
    public void finish(String outcomeJson) throws TransferException {
        requireOwner();
        repository.sessions().close(session, "", outcomeJson);
    }

    /** Publishes what all writers hold, which must be at rest; commit does the same. */
    public void publishAll() throws TransferException {
        List<PackWriter> all;
        synchronized (this) {
            all = List.copyOf(writers);
        }
        for (PackWriter writer : all) {
            writer.publish();
        }
    }

    /** One object for each {@value #CHECKPOINT_PACKS} packs of the session at most, named by its content. */
    private void writeIndex() throws TransferException {
        Catalog catalog = repository.catalog();
        BitSet all = (BitSet) adopted.packs().clone();
        synchronized (this) {
            all.or(published);
        }
        List<PackList.Item> items = new ArrayList<>();
        int bytes = 0;
        try (PackReader reader = new PackReader(repository.store(), repository.keys())) {
            List<Integer> byName = all.stream()
                    .boxed()
                    .sorted(Comparator.comparing(catalog::packName))
                    .toList();
            for (int number : byName) {
                String name = catalog.packName(number);
                Set<Long> except = new HashSet<>(adopted.badFrames(name));
                byte[] chunks = PackDirectory.chunksOnly(reader.directory(name), except);
                if (chunks == null) {
                    continue;
                }
                items.add(new PackList.Item(name, repository.size(name), chunks));
                bytes += chunks.length;
                if (items.size() == CHECKPOINT_PACKS || bytes >= DIRECTORIES_MAX) {
                    writeIndex(items);
                    items.clear();
                    bytes = 0;
                }
            }
        }
        if (!items.isEmpty()) {
            writeIndex(items);
        }
    }

    /** Of an attempt that was given up meanwhile the packs may be gone already. */
    private void writeIndex(List<PackList.Item> items) throws TransferException {
        requireOwner();
        repository.catalog().write(PackList.encode(items));
    }

    Repository repository() {
        return repository;
    }

    String nextPackName() {
        return Sessions.packs(session) + epoch() + "-" + packs.getAndIncrement();
    }

    long nextSequence() {
        return sequence.getAndIncrement();
    }

    void wrote(ChunkId id, long location) {
        chunks.add(id.prefix(), id.second(), location);
    }

    synchronized void durable(long blocks, @Nullable ChunkId last) {
        blocksDurable += blocks;
        if (last != null) {
            lastDurable = last;
        }
    }

    void published(String pack, long size, byte[] directory) throws TransferException {
        boolean full;
        synchronized (this) {
            published.set(repository.catalog().number(pack));
            pending.add(new PackList.Item(pack, size, directory));
            pendingBytes += directory.length;
            full = pending.size() >= CHECKPOINT_PACKS || pendingBytes >= DIRECTORIES_MAX;
        }
        if (full) {
            checkpoint();
        }
    }

    /** Closes all writers, never fails. Workers must have ended. */
    @Override
    public synchronized void close() {
        writers.forEach(PackWriter::close);
        writers.clear();
        recordReaders.forEach(PackReader::close);
        recordReaders.clear();
    }
}
