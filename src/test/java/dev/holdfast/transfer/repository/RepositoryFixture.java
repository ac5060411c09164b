package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A repository with something in it, and what was put there. */
final class RepositoryFixture {
    static final Instant TIME = Instant.parse("2026-01-02T03:04:05.000000006Z");

    final Path directory;
    final Path keyFile;
    final Random random;
    final Map<ChunkId, byte[]> chunks = new LinkedHashMap<>();
    final Map<Integer, byte[]> records = new LinkedHashMap<>();

    RepositoryFixture(Path base, long seed) throws TransferException {
        System.err.println("seed " + seed);
        directory = base.resolve("repository");
        keyFile = base.resolve("key");
        random = new Random(seed);
        Repository.init(directory, keyFile).close();
    }

    Repository open() throws TransferException {
        return Repository.open(directory, keyFile);
    }

    /** Writes {@code frames} frames of 1 to 5 chunks, each with a record behind it, some of them compressible. */
    void write(Repository repository, Attempt attempt, PackWriter writer, int frames, int chunkMax)
            throws TransferException {
        ChunkHasher hasher = repository.hasher();
        for (int i = 0; i < frames; i++) {
            List<ChunkRef> refs = new ArrayList<>();
            ByteBuffer bytes = ByteBuffer.allocate(5 * chunkMax);
            for (int members = 1 + random.nextInt(5); members > 0; members--) {
                byte[] chunk = chunk(1 + random.nextInt(chunkMax));
                ChunkId id = hasher.id(chunk, 0, chunk.length);
                if (attempt.claim(id)) {
                    refs.add(new ChunkRef(id, bytes.position(), chunk.length));
                    bytes.put(chunk);
                    chunks.put(id, chunk);
                }
            }
            writer.data(refs, bytes.array(), 0, bytes.position());
            byte[] payload = chunk(1 + random.nextInt(300));
            int key = records.size();
            writer.record(key(key), payload);
            records.put(key, payload);
        }
    }

    ChunkId page(Repository repository, Attempt attempt, PackWriter writer, byte[] content) throws TransferException {
        ChunkId id = repository.hasher().id(content, 0, content.length);
        if (attempt.claim(id)) {
            writer.pages(List.of(new ChunkRef(id, 0, content.length)), content, 0, content.length);
            chunks.put(id, content);
        }
        return id;
    }

    static SnapshotDraft draft(ChunkId... root) {
        return new SnapshotDraft(
                TIME,
                TIME.plusSeconds(9),
                Snapshot.Kind.TREE,
                Arrays.asList(root),
                7,
                8,
                9,
                Map.of("changed", 2L),
                "h");
    }

    /** A repository of one committed session with 40 frames. */
    Snapshot commitOne(String session) throws TransferException {
        return commitOne(session, "source");
    }

    Snapshot commitOne(String session, String source) throws TransferException {
        try (Repository repository = open();
                Attempt attempt = repository.begin(session, null, source)) {
            PackWriter writer = attempt.newWriter();
            write(repository, attempt, writer, 40, 4000);
            ChunkId root = page(repository, attempt, writer, chunk(500));
            writer.publish();
            attempt.checkpoint();
            return repository.snapshot(attempt.commit(draft(root)), "");
        }
    }

    byte[] chunk(int length) {
        byte[] bytes = new byte[length];
        if (random.nextBoolean()) {
            random.nextBytes(bytes);
        } else {
            Arrays.fill(bytes, (byte) random.nextInt());
            ByteBuffer.wrap(bytes).put(0, (byte) random.nextInt());
        }
        return bytes;
    }

    static byte[] key(int number) {
        return ByteBuffer.allocate(16).putInt(number).putInt(4, number * 31).array();
    }
}
