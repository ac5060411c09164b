package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.TreeListing;
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.tree.SourceDirectory;
import dev.holdfast.transfer.tree.TargetDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Metadata has no size of its own: names and link targets may be long, and trees deep. */
class PageSizeTest {
    private static final int DEPTH = 3500;

    @TempDir
    Path folder;

    @Test
    void a_page_of_entries_may_be_larger_than_a_frame_of_data() throws Exception {
        Path source = Files.createDirectory(folder.resolve("source"));
        for (int i = 0; i < 1100; i++) {
            String name = "%04d".formatted(i) + "n".repeat(250);
            Files.createSymbolicLink(source.resolve(name), Path.of("t/".repeat(2000) + i));
        }
        Path target = copy(source);
        assertThat(TreeListing.of(target)).isEqualTo(TreeListing.of(source));
    }

    /** Deeper than a path can be long, and than a stack of the usual size. */
    @Test
    @Timeout(120)
    void a_deep_tree_comes_back() throws Exception {
        byte[] name = {'d'};
        Path source = folder.resolve("source");
        try {
            TargetDirectory at = TargetDirectory.prepare(source);
            for (int depth = 0; depth < DEPTH; depth++) {
                try (TargetDirectory above = at) {
                    at = above.makeDirectory(name);
                }
            }
            try (TargetDirectory bottom = at) {
                bottom.createFile(new byte[] {'f'}).close();
            }

            Path target = copy(source);

            SourceDirectory found = SourceDirectory.open(target);
            for (int depth = 0; depth < DEPTH; depth++) {
                try (SourceDirectory above = found) {
                    found = above.open(name);
                }
            }
            try (SourceDirectory bottom = found) {
                assertThat(bottom.names()).containsExactly(new byte[] {'f'});
            }
        } finally {
            // JUnit gives up on paths as long as these.
            Process removal = new ProcessBuilder(
                            "rm",
                            "-rf",
                            source.toString(),
                            folder.resolve("target").toString())
                    .start();
            assertThat(removal.waitFor()).isZero();
        }
    }

    private Path copy(Path source) throws Exception {
        Path repository = folder.resolve("repository");
        Path key = folder.resolve("key");
        Path target = folder.resolve("target");
        Repository.init(repository, key).close();
        var backup = new TransferPlan.Backup(repository, key, folder, "b", null, 2, 0, source, "source");
        var stored = (TransferResult.Completed) Transfer.run(backup, new TransferControl(), new Quiet());
        var restore = new TransferPlan.Restore(repository, key, folder, "r", null, 2, 0, stored.snapshotId(), target);
        assertThat(Transfer.run(restore, new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);
        assertThat(Verification.run(repository, key, 100, progress -> {}).problems())
                .isEmpty();
        return target;
    }

    private static final class Quiet implements TransferListener {
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
