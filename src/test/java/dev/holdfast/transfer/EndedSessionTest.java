package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a session has come to stays; and a few sources that do not hold still. */
class EndedSessionTest extends TransferRig {
    @Test
    void a_canceled_session_is_not_run_again() throws Exception {
        Files.writeString(source.resolve("f"), "content");
        TransferControl cancel = new TransferControl();
        cancel.cancel();
        Transfer.run(backup("b", 1, 0), cancel, new Quiet());
        assertThat(Transfer.run(backup("b", 1, 0), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Canceled.class);
        Transfer.run(backup("c", 1, 0), new TransferControl(), new Quiet());
        Transfer.run(restore("r", 1), cancel, new Quiet());
        assertThat(Transfer.run(restore("r", 1), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Canceled.class);
    }

    @Test
    void a_completed_restore_is_reported_with_all_it_moved_and_leaves_no_journal() throws Exception {
        for (int i = 0; i < 5; i++) {
            Files.writeString(source.resolve("f" + i), "content");
        }
        Transfer.run(backup("b", 1, 0), new TransferControl(), new Quiet());
        var first = Transfer.run(restore("r", 1), new TransferControl(), new Quiet());
        Path journal = folder.resolve("target.holdfast-r");
        Files.writeString(journal, "left behind");

        var again = Transfer.run(restore("r", 1), new TransferControl(), new Quiet());

        assertThat(again).isInstanceOf(TransferResult.Completed.class);
        assertThat(again.progress().filesDone())
                .isEqualTo(first.progress().filesDone())
                .isEqualTo(6);
        assertThat(again.progress().bytesDone()).isEqualTo(first.progress().bytesDone());
        assertThat(journal).doesNotExist();
    }

    /** The rate limit holds the first file back; together they are larger than what is read at once. */
    @Test
    @Timeout(60)
    void many_files_that_grow_between_look_and_reading_are_taken_as_they_are() throws Exception {
        for (int i = 0; i < 300; i++) {
            Files.writeString(source.resolve("f" + i), "0123456789");
        }
        TransferControl control = new TransferControl();

        var stored = Transfer.run(backup("b", 1, 1), control, new Quiet() {
            @Override
            public void progressed(TransferProgress progress) {
                if (control.bytesPerSecondMax() == 1 && progress.filesDone() > 0) {
                    for (int i = 0; i < 300; i++) {
                        write(source.resolve("f" + i), i);
                    }
                    control.limit(0);
                }
            }
        });

        assertThat(stored.progress().bytesDone()).isEqualTo(300L * 32_000);
        Transfer.run(restore("r", 1), new TransferControl(), new Quiet());
        for (int i = 0; i < 300; i++) {
            assertThat(target.resolve("f" + i)).hasBinaryContent(Files.readAllBytes(source.resolve("f" + i)));
        }
    }

    private static void write(Path file, int seed) {
        byte[] bytes = new byte[32_000];
        new java.util.Random(seed).nextBytes(bytes);
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
