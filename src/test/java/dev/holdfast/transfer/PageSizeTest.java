package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.TreeListing;
import dev.holdfast.transfer.tree.SourceDirectory;
import dev.holdfast.transfer.tree.TargetDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Metadata has no size of its own: names and link targets may be long, and trees deep. */
class PageSizeTest extends TransferRig {
    private static final int DEPTH = 3500;

    @Test
    void a_page_of_entries_may_be_larger_than_a_frame_of_data() throws Exception {
        for (int i = 0; i < 1100; i++) {
            String name = "%04d".formatted(i) + "n".repeat(250);
            Files.createSymbolicLink(source.resolve(name), Path.of("t/".repeat(2000) + i));
        }
        copy();
        assertThat(Verification.run(repository, key, 100, progress -> {}).problems())
                .isEmpty();
        assertThat(TreeListing.of(target)).isEqualTo(TreeListing.of(source));
    }

    /** Deeper than a path can be long, and than a stack of the usual size. */
    @Test
    @Timeout(120)
    void a_deep_tree_comes_back() throws Exception {
        byte[] name = {'d'};
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

            copy();

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
            Process removal = new ProcessBuilder("rm", "-rf", source.toString(), target.toString()).start();
            assertThat(removal.waitFor()).isZero();
        }
    }
}
