package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Writes and commits a session in a process of its own, for tests that kill it on the way. */
final class KilledWriter {
    static final int CHUNKS = 10;

    private KilledWriter() {}

    static byte[] chunk(int number) {
        byte[] bytes = new byte[2000];
        new Random(number).nextBytes(bytes);
        return bytes;
    }

    public static void main(String[] args) throws TransferException {
        Path base = Path.of(args[0]);
        try (Repository repository = Repository.open(base.resolve("repository"), base.resolve("key"));
                Attempt attempt = repository.begin("s1", null, "source")) {
            ChunkHasher hasher = repository.hasher();
            PackWriter writer = attempt.newWriter();
            for (int i = 0; i < CHUNKS; i++) {
                byte[] chunk = chunk(i);
                ChunkId id = hasher.id(chunk, 0, chunk.length);
                attempt.claim(id);
                writer.data(List.of(new ChunkRef(id, 0, chunk.length)), chunk, 0, chunk.length);
            }
            byte[] root = chunk(0);
            attempt.commit(RepositoryFixture.draft(hasher.id(root, 0, root.length)));
        }
    }
}
