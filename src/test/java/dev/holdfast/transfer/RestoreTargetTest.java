package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.TreeListing;
import dev.holdfast.transfer.TransferException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A restore goes on with the very target that it has begun to fill, or not at all. */
class RestoreTargetTest extends TransferRig {
    private static final int FILES = 40;
    private static final long BYTES = FILES * 100_000L;

    private String token = "";

    private void fill(String day) throws IOException {
        Random random = new Random(day.hashCode());
        for (int i = 0; i < FILES; i++) {
            byte[] content = new byte[(int) (BYTES / FILES)];
            random.nextBytes(content);
            Files.write(source.resolve("f" + i), content);
        }
    }

    @BeforeEach
    void stop_a_restore() throws Exception {
        fill("monday");
        assertThat(Transfer.run(backup("monday", 2, 0), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);
        TransferControl control = new TransferControl();
        TransferPlan.Restore plan =
                new TransferPlan.Restore(repository, key, folder, "r1", null, 1, BYTES / 2, "latest", target);
        TransferResult stopped = Transfer.run(plan, control, new Quiet() {
            @Override
            public void started(Start start, String given, long epoch) {
                token = given;
            }

            @Override
            public void progressed(TransferProgress progress) {
                if (progress.bytesDone() >= BYTES / 4) {
                    control.stop();
                }
            }
        });
        assertThat(stopped).isInstanceOf(TransferResult.Stopped.class);
        assertThat(target).isNotEmptyDirectory();
    }

    private TransferResult resumed() throws Exception {
        return Transfer.run(
                new TransferPlan.Restore(repository, key, folder, "r1", token, 1, 0, "latest", target),
                new TransferControl(),
                new Quiet());
    }

    @Test
    void a_resume_completes_it() throws Exception {
        assertThat(resumed()).isInstanceOf(TransferResult.Completed.class);
        assertThat(TreeListing.of(target)).isEqualTo(TreeListing.of(source));
    }

    /** As when the volume that holds target and journal is not mounted. */
    @Test
    void a_target_that_is_not_there_is_not_made_again() throws Exception {
        Path away = Files.createDirectory(folder.resolve("away"));
        Path journal = journal();
        Files.move(target, away.resolve("target"));
        Files.move(journal, away.resolve("journal"));

        assertThatThrownBy(this::resumed)
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.code()).isEqualTo(Code.TARGET_AWAY))
                .hasMessageContaining(target.toString())
                .hasMessageContaining("mount");

        assertThat(target).doesNotExist();
        Files.move(away.resolve("target"), target);
        Files.move(away.resolve("journal"), journal);
        assertThat(resumed()).isInstanceOf(TransferResult.Completed.class);
        assertThat(TreeListing.of(target)).isEqualTo(TreeListing.of(source));
    }

    @Test
    void what_another_restore_has_filled_since_is_left_alone() throws Exception {
        fill("tuesday");
        assertThat(Transfer.run(backup("tuesday", 2, 0), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);
        clear(target);
        assertThat(Transfer.run(restore("r2", 2), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);

        assertThatThrownBy(this::resumed).isInstanceOfSatisfying(TransferException.class, e -> assertThat(e.code())
                .isEqualTo(Code.TARGET_AWAY));

        assertThat(TreeListing.of(target)).isEqualTo(TreeListing.of(source));
    }

    private Path journal() throws IOException {
        try (Stream<Path> beside = Files.list(folder)) {
            return beside.filter(path -> path.toString().endsWith(".holdfast-r1"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void clear(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.skip(1).sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
