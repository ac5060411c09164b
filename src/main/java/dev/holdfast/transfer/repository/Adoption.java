package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferListener.Start;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt goes on from: finishes the packs that dead writers left, learns what all packs of the session hold,
 * and proves the last data frame. Used by one thread, read by many once it is done.
 */
final class Adoption {
    /** How long a fenced writer that is still alive may take to notice and let go. */
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** How many data frames may be bad at the end before nothing is proven any more. */
    private static final int CANDIDATES = 16;

    private final Repository repository;
    private final String session;
    private final long epoch;
    private final boolean lostToken;
    /** Packs of epochs before this one are being removed: they are not there. */
    private final long givenUp;

    private final ChunkIndex chunks;
    private final PackReader reader;
    /** By their numbers in the catalog: there is a pack for every 16 MiB. */
    private final BitSet packs = new BitSet();

    private final List<PackList.Item> uncheckpointed = new ArrayList<>();
    /** Where the newest record of each key is: packs are learned from the oldest epoch to the newest. */
    private final ChunkIndex records;

    private final ChunkIndex unrecorded;
    private final List<Candidate> candidates = new ArrayList<>();
    private final Map<String, List<Long>> badFrames = new HashMap<>();
    private long sequencesUsed;
    private long bytes;
    private long tornBytes;
    private boolean earlier;
    private @Nullable ChunkId lastBlock;
    private byte @Nullable [] lastRecordKey;

    /** A data frame that may be the last good one. */
    private static final class Candidate {
        final String pack;
        final PackDirectory.Entry entry;
        byte @Nullable [] recordKey;

        Candidate(String pack, PackDirectory.Entry entry) {
            this.pack = pack;
            this.entry = entry;
        }
    }

    private Adoption(Repository repository, String session, long epoch, boolean lostToken, PackReader reader)
            throws TransferException {
        this.repository = repository;
        this.session = session;
        this.epoch = epoch;
        this.lostToken = lostToken;
        this.givenUp = repository.sessions().givenUp(session);
        this.reader = reader;
        chunks = repository.catalog().freshChunks();
        unrecorded = repository.catalog().newIndex();
        records = repository.catalog().newIndex();
    }

    /**
     * Does it all.
     *
     * @param epoch of this attempt, already taken
     * @param lostToken whether a token was presented for a session of which nothing is there
     */
    static Adoption of(Repository repository, String session, long epoch, boolean lostToken) throws TransferException {
        try (PackReader reader = new PackReader(repository.store(), repository.keys())) {
            Adoption adoption = new Adoption(repository, session, epoch, lostToken, reader);
            adoption.finishParts();
            adoption.learn();
            adoption.prove();
            return adoption;
        }
    }

    private void finishParts() throws TransferException {
        String folder = Sessions.packs(session);
        try (FrameSealer sealer = new FrameSealer()) {
            long deadline = System.nanoTime() + WAIT_NANOS;
            List<BlobStore.Partial> waiting = new ArrayList<>(repository.store().partials(folder));
            waiting.removeIf(partial -> !Sessions.isPack(partial.name()));
            while (!waiting.isEmpty()) {
                List<BlobStore.Partial> alive = new ArrayList<>();
                for (BlobStore.Partial partial : waiting) {
                    if (Sessions.epochOf(partial.name()) < givenUp) {
                        earlier = true;
                    } else if (partial.takeOver()) {
                        finish(partial, sealer);
                    } else if (partial.waiting()) {
                        alive.add(partial);
                    }
                }
                waiting = alive;
                if (waiting.isEmpty()
                        || System.nanoTime() > deadline
                        || Thread.currentThread().isInterrupted()) {
                    return; // A part that stays locked is left out: what it holds is sent again.
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        } catch (IOException failed) {
            throw Trouble.of("adopt packs in", repository.store().locationOf(folder), failed);
        }
    }

    private void finish(BlobStore.Partial partial, FrameSealer sealer) throws TransferException, IOException {
        try (partial) {
            String name = partial.name();
            long size = partial.size();
            PackReader.Scan scan = reader.scan(name, size, partial::read);
            earlier |= scan.bad() > 0;
            if (scan.directory().frames() == 0) {
                tornBytes += size;
                partial.discard();
                return;
            }
            tornBytes += tornBehind(partial, scan.good(), size);
            try (BlobStore.Upload upload = partial.continueAt(scan.good())) {
                int length = sealer.seal(
                        repository.keys().pack(name),
                        Frames.END,
                        scan.directory().frames(),
                        epoch,
                        sequencesUsed++,
                        scan.good(),
                        scan.directory().encoded());
                upload.append(sealer.frame(), 0, length);
                Encoder trailer = PackWriter.trailer(scan.good(), length);
                upload.append(trailer.array(), 0, trailer.length());
                upload.publish();
            }
        }
    }

    /** An end frame behind the last good frame is not a loss: it is written anew. */
    private static long tornBehind(BlobStore.Partial partial, long good, long size) throws IOException {
        if (size - good < Frames.HEADER) {
            return size - good;
        }
        byte[] head = new byte[Frames.HEADER];
        partial.read(good, head, head.length);
        return head[5] == Frames.END ? 0 : size - good;
    }

    private void learn() throws TransferException {
        for (long number : repository.sessions().checkpoints(session)) {
            for (PackList.Item item : readable(Sessions.checkpoint(session, number))) {
                if (adoptable(item.name) && isNew(item.name)) {
                    learn(item);
                }
            }
        }
        for (String pack : inOrder(repository.list(Sessions.packs(session)))) {
            if (adoptable(pack) && isNew(pack)) {
                byte[] directory = reader.storedDirectory(pack);
                if (directory == null) {
                    earlier = true;
                    directory = reader.scan(pack).directory().toBytes();
                }
                PackList.Item item = new PackList.Item(pack, repository.size(pack), directory);
                uncheckpointed.add(item);
                learn(item);
            }
        }
    }

    private boolean isNew(String pack) {
        int number = repository.catalog().number(pack);
        boolean fresh = !packs.get(number);
        packs.set(number);
        return fresh;
    }

    /** By their numbers: as text, epoch 10 comes before epoch 2. */
    private static List<String> inOrder(List<String> names) {
        return names.stream()
                .filter(Sessions::isPack)
                .sorted(Comparator.comparingLong(Sessions::epochOf).thenComparingLong(Sessions::sequenceOf))
                .toList();
    }

    private boolean adoptable(String pack) {
        boolean ours = Sessions.epochOf(pack) >= givenUp;
        earlier |= !ours;
        return ours;
    }

    /** A checkpoint only saves time: a damaged one is left out, its packs speak for themselves. */
    private List<PackList.Item> readable(String checkpoint) throws TransferException {
        try {
            return PackList.decode(repository.objects().get(SealedObjects.CHECKPOINT, checkpoint));
        } catch (TransferException damaged) {
            Trouble.requireDamage(damaged);
            return List.of();
        } catch (BufferUnderflowException | IllegalArgumentException nonsense) {
            return List.of();
        }
    }

    private void learn(PackList.Item item) throws TransferException {
        int number = repository.catalog().number(item.name);
        if (!repository.has(item.name)) {
            packs.clear(number);
            earlier = true;
            return;
        }
        bytes += item.size;
        Catalog.learn(chunks, number, item.directory);
        Candidate last = null;
        for (PackDirectory.Entry entry : PackDirectory.entries(item.directory)) {
            if (entry.type == Frames.DATA) {
                last = new Candidate(item.name, entry);
                candidates.add(last);
            } else if (entry.type == Frames.PROGRESS) {
                if (last != null && last.recordKey == null) {
                    last.recordKey = entry.key(0);
                }
                learnRecord(number, entry);
            }
            if (candidates.size() > 8 * CANDIDATES) {
                keepNewest();
            }
        }
        keepNewest();
        learnUnrecorded(number, item.directory);
    }

    /** Chunks with no record behind them in their pack were most likely in flight. */
    private void learnUnrecorded(int number, byte[] directory) {
        for (PackDirectory.Entry entry : PackDirectory.entries(directory).reversed()) {
            if (entry.type == Frames.PROGRESS) {
                return;
            }
            for (int i = 0; entry.type == Frames.DATA && i < entry.members; i++) {
                unrecorded.add(entry.high(i), entry.low(i), Location.of(number, entry.offset, i));
            }
        }
    }

    private void learnRecord(int number, PackDirectory.Entry entry) {
        for (int i = 1; i < entry.members; i++) {
            records.replace(entry.high(i), entry.low(i), ChunkIndex.DEAD);
        }
        records.replace(entry.high(0), entry.low(0), Location.of(number, entry.offset, 0));
    }

    private void keepNewest() {
        candidates.sort(Comparator.comparingLong((Candidate candidate) -> candidate.entry.stamp)
                .reversed());
        if (candidates.size() > CANDIDATES) {
            candidates.subList(CANDIDATES, candidates.size()).clear();
        }
    }

    private void prove() throws TransferException {
        ChunkHasher hasher = repository.hasher();
        for (Candidate candidate : candidates) {
            if (proves(candidate, hasher)) {
                lastBlock = candidate.entry.id(candidate.entry.members - 1);
                lastRecordKey = candidate.recordKey;
                return;
            }
            earlier = true;
            forget(candidate);
        }
    }

    private boolean proves(Candidate candidate, ChunkHasher hasher) throws TransferException {
        try {
            PackReader.Frame frame = new PackReader.Frame();
            reader.read(candidate.pack, candidate.entry.offset, frame);
            for (int i = 0; i < candidate.entry.members; i++) {
                int[] range = frame.member(i);
                if (!hasher.id(frame.plain(), range[0], range[1]).equals(candidate.entry.id(i))) {
                    return false;
                }
            }
            return true;
        } catch (TransferException damaged) {
            Trouble.requireDamage(damaged);
            return false;
        } catch (IOException damaged) {
            return false;
        }
    }

    private void forget(Candidate candidate) {
        PackDirectory.Entry entry = candidate.entry;
        badFrames.computeIfAbsent(candidate.pack, name -> new ArrayList<>()).add(entry.offset);
        int number = repository.catalog().number(candidate.pack);
        for (int i = 0; i < entry.members; i++) {
            chunks.removeAt(entry.high(i), entry.low(i), Location.of(number, entry.offset, i));
        }
    }

    Start start() {
        if (lostToken) {
            return Start.RESTARTED;
        }
        if (epoch == 1) {
            return Start.FRESH;
        }
        return earlier ? Start.RESUMED_EARLIER : Start.RESUMED;
    }

    long epoch() {
        return epoch;
    }

    long sequencesUsed() {
        return sequencesUsed;
    }

    long bytes() {
        return bytes;
    }

    long tornBytes() {
        return tornBytes;
    }

    /** Numbers of the packs of the session, in the catalog. */
    BitSet packs() {
        return packs;
    }

    List<PackList.Item> uncheckpointed() {
        return uncheckpointed;
    }

    /** Of this attempt alone: what is committed, and what the session made durable. */
    ChunkIndex chunks() {
        return chunks;
    }

    ChunkIndex unrecorded() {
        return unrecorded;
    }

    ChunkIndex records() {
        return records;
    }

    /** Offsets of frames in this pack that must not be indexed. */
    List<Long> badFrames(String pack) {
        return badFrames.getOrDefault(pack, List.of());
    }

    @Nullable
    ChunkId lastBlock() {
        return lastBlock;
    }

    byte @Nullable [] lastRecordKey() {
        return lastRecordKey;
    }
}
