package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads chunks; keeps the frames used last. Not thread-safe: one per thread. Chunks that the running attempt wrote can
 * be read once their pack is published.
 */
public final class ChunkReader implements Closeable {
    private static final int BYTES_KEPT = 4 << 20;

    private final Repository repository;
    private final PackReader packs;
    private final ChunkHasher hasher;
    private final Map<Long, PackReader.Frame> frames = new LinkedHashMap<>(16, 0.75f, true);
    private int bytesKept;

    ChunkReader(Repository repository) {
        this.repository = repository;
        packs = new PackReader(repository.store(), repository.keys());
        hasher = repository.hasher();
    }

    /** Where a chunk lies in memory, until the next one is read. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Chunk(byte[] bytes, int offset, int length) {}

    /** The bytes of a chunk as {@link #chunk}, to be kept. */
    public byte[] read(ChunkId id) throws TransferException {
        Chunk chunk = chunk(id);
        return Arrays.copyOfRange(chunk.bytes(), chunk.offset(), chunk.offset() + chunk.length());
    }

    /**
     * A chunk, proven by tag and id.
     *
     * @throws TransferException REPOSITORY_DAMAGED naming the pack, also when no index knows the chunk
     */
    public Chunk chunk(ChunkId id) throws TransferException {
        long location = repository.catalog().locate(id);
        if (location <= ChunkIndex.DEAD) {
            throw Trouble.damaged(repository.store().location(), "no readable index knows chunk " + id, null);
        }
        String pack = repository.catalog().packName(Location.pack(location));
        long offset = Location.offset(location);
        PackReader.Frame frame = frame(location & ~4095L, pack, offset);
        try {
            int[] range = frame.member(Location.member(location));
            if (!hasher.id(frame.plain(), range[0], range[1]).equals(id)) {
                throw Trouble.damaged(packs.place(pack, offset), "chunk " + id + " has other content", null);
            }
            return new Chunk(frame.plain(), range[0], range[1]);
        } catch (IOException bad) {
            throw Trouble.damaged(packs.place(pack, offset), String.valueOf(bad.getMessage()), bad);
        }
    }

    /** Whether some index knows where the chunk lies; its bytes are not looked at. */
    public boolean has(ChunkId id) throws TransferException {
        return repository.catalog().locate(id) > ChunkIndex.DEAD;
    }

    private PackReader.Frame frame(long place, String pack, long offset) throws TransferException {
        PackReader.Frame kept = frames.get(place);
        if (kept != null) {
            return kept;
        }
        PackReader.Frame frame = room();
        packs.read(pack, offset, frame);
        frames.put(place, frame);
        bytesKept += frame.plain().length;
        return frame;
    }

    /** Of the frame that was not used for longest, if enough is kept. */
    private PackReader.Frame room() {
        PackReader.Frame room = new PackReader.Frame();
        var eldest = frames.values().iterator();
        while (bytesKept >= BYTES_KEPT && eldest.hasNext()) {
            room = eldest.next();
            bytesKept -= room.plain().length;
            eldest.remove();
        }
        return room;
    }

    @Override
    public void close() {
        packs.close();
        frames.clear();
    }
}
