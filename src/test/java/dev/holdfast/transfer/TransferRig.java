package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.transfer.repository.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A repository, an empty source and a place to restore to, for tests of whole transfers. */
abstract class TransferRig {
    @TempDir
    Path folder;

    Path repository;
    Path key;
    Path source;
    Path target;

    @BeforeEach
    void makeRepository() throws Exception {
        repository = folder.resolve("repository");
        key = folder.resolve("key");
        source = Files.createDirectory(folder.resolve("source"));
        target = folder.resolve("target");
        Repository.init(repository, key).close();
    }

    TransferPlan.Backup backup(String session, int workers, long limit) {
        return new TransferPlan.Backup(repository, key, folder, session, null, workers, limit, source, "source");
    }

    TransferPlan.Restore restore(String session, int workers) {
        return new TransferPlan.Restore(repository, key, folder, session, null, workers, 0, "latest", target);
    }

    /** Backs the source up and restores it to the target. */
    void copy() throws Exception {
        assertThat(Transfer.run(backup("b", 2, 0), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);
        assertThat(Transfer.run(restore("r", 2), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);
    }

    /** Takes a warning for a failure. */
    static class Quiet implements TransferListener {
        @Override
        public void started(Start start, String token, long epoch) {}

        @Override
        public void progressed(TransferProgress progress) {}

        @Override
        public void warned(String kind, String message) {
            throw new AssertionError(kind + ": " + message);
        }
    }
}
