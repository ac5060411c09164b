package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.Closeable;
import java.nio.BufferUnderflowException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which chunk is where, by what the index objects say. Thread-safe: its own lock guards the numbers of packs and the
 * tables that readers use.
 */
final class Catalog implements Closeable {
    static final String INDEX = "index/";

    private final Repository repository;
    private final Path scratch;
    private final PackNames packs = new PackNames();
    private final List<ChunkIndex> indexes = new ArrayList<>();
    private @Nullable ChunkIndex readable;
    private @Nullable ChunkIndex recovered;
    private boolean indexDamaged;
    private volatile boolean tolerant;

    /** Names of the indexes learnt, until they have been looked for a second time. */
    private @Nullable Set<String> learnt = new HashSet<>();

    Catalog(Repository repository, Path scratch) {
        this.repository = repository;
        this.scratch = scratch;
    }

    /** From now on indexes that cannot be read, or are of a newer program, are passed over as damaged ones are. */
    void tolerate() {
        tolerant = true;
    }

    /** An empty index, closed with the catalog. */
    synchronized ChunkIndex newIndex() {
        ChunkIndex index = new ChunkIndex(scratch);
        indexes.add(index);
        return index;
    }

    @Override
    public synchronized void close() {
        indexes.forEach(ChunkIndex::close);
    }

    /** From now on readers look into this table. */
    synchronized void readBy(ChunkIndex chunks) {
        readable = chunks;
    }

    /** What an index says. */
    List<PackList.Item> read(String name) throws TransferException {
        byte[] plain = repository.objects().get(SealedObjects.INDEX, name);
        try {
            List<PackList.Item> items = PackList.decode(plain);
            items.forEach(item -> PackDirectory.entries(item.directory));
            return items;
        } catch (BufferUnderflowException | IllegalArgumentException nonsense) {
            throw Trouble.damaged(repository.store().locationOf(name), "it makes no sense", nonsense);
        }
    }

    /** The chunks of all committed snapshots. An index that is damaged costs space, not correctness. */
    ChunkIndex freshChunks() throws TransferException {
        ChunkIndex chunks = newIndex();
        for (String name : repository.list(INDEX)) {
            learn(chunks, name);
        }
        return chunks;
    }

    private synchronized void learn(ChunkIndex chunks, String index) throws TransferException {
        try {
            for (PackList.Item item : read(index)) {
                learn(chunks, packs.number(item.name), item.directory);
            }
        } catch (TransferException damaged) {
            if (tolerant) {
                repository.requireOfObject(damaged);
            } else {
                Trouble.requireDamage(damaged);
            }
            indexDamaged = true;
        }
        if (learnt != null) {
            learnt.add(index);
        }
    }

    /**
     * The snapshot was seen, so its indexes were there: a network file system may have listed them from memory. Looks
     * once more for those that came since.
     */
    private synchronized void learnLate(ChunkIndex chunks) throws TransferException {
        Set<String> known = learnt;
        if (known == null) {
            return;
        }
        learnt = null;
        repository.store().refresh(INDEX);
        for (String name : repository.list(INDEX)) {
            if (!known.contains(name)) {
                learn(chunks, name);
            }
        }
    }

    static void learn(ChunkIndex chunks, int pack, byte[] directory) {
        for (PackDirectory.Entry entry : PackDirectory.entries(directory)) {
            if (Frames.holdsChunks(entry.type)) {
                for (int i = 0; i < entry.members; i++) {
                    chunks.add(entry.high(i), entry.low(i), Location.of(pack, entry.offset, i));
                }
            }
        }
    }

    /** What readers look into: by default the committed chunks. */
    synchronized ChunkIndex readable() throws TransferException {
        ChunkIndex chunks = readable;
        if (chunks == null) {
            chunks = freshChunks();
            readable = chunks;
        }
        return chunks;
    }

    /** Where a chunk is, at most {@link ChunkIndex#DEAD} when nobody knows. */
    long locate(ChunkId chunk) throws TransferException {
        long location = find(readable(), chunk);
        if (location <= ChunkIndex.DEAD) {
            learnLate(readable());
            location = find(readable(), chunk);
        }
        return location > ChunkIndex.DEAD ? location : find(recoveredChunks(), chunk);
    }

    private static long find(ChunkIndex chunks, ChunkId chunk) {
        return chunks.find(chunk.prefix(), chunk.second());
    }

    /** With an index damaged, what the packs say of themselves; for reading only. */
    private synchronized ChunkIndex recoveredChunks() throws TransferException {
        ChunkIndex chunks = recovered;
        if (chunks == null) {
            chunks = newIndex();
            if (indexDamaged) {
                try (PackReader reader = new PackReader(repository.store(), repository.keys())) {
                    for (String pack : repository.packs()) {
                        learn(chunks, number(pack), reader.directory(pack));
                    }
                }
            }
            recovered = chunks;
        }
        return chunks;
    }

    /** Writes an index; named by its content, so writing it again changes nothing. */
    void write(byte[] plain) throws TransferException {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(plain);
            repository.objects().put(SealedObjects.INDEX, INDEX + HexFormat.of().formatHex(hash), plain);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("SHA-256 is part of every JDK", missing);
        }
    }

    synchronized int number(String pack) {
        return packs.number(pack);
    }

    synchronized String packName(int number) {
        return packs.name(number);
    }
}
