package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What others commit meanwhile. */
@Timeout(120)
class SideBySideTest extends TransferRig {
    @Test
    void a_backup_that_another_one_of_its_source_overtakes_is_completed() throws Exception {
        Files.writeString(source.resolve("file"), "content");

        var slower = Transfer.run(backup("slower", 1, 0), new TransferControl(), new Quiet() {
            @Override
            public void started(Start start, String token, long epoch) {
                assertThat(run("faster")).isInstanceOf(TransferResult.Completed.class);
            }
        });

        assertThat(slower).isInstanceOf(TransferResult.Completed.class);
        assertThat(Transfer.run(restore("r", 1), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);
        assertThat(target.resolve("file")).hasContent("content");
    }

    @Test
    void a_verification_beside_backups_finds_no_damage() throws Exception {
        CompletableFuture<Void> backups = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 30; i++) {
                write(i);
                assertThat(run("b" + i)).isInstanceOf(TransferResult.Completed.class);
            }
        });
        int rounds = 0;
        do {
            assertThat(Verification.run(repository, key, 1, _ -> {}).problems()).isEmpty();
            rounds++;
        } while (!backups.isDone());
        backups.join();
        assertThat(rounds).isGreaterThan(3);
    }

    private void write(int number) {
        try {
            Files.writeString(source.resolve("file" + number), "content " + number);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private TransferResult run(String session) {
        try {
            return Transfer.run(backup(session, 1, 0), new TransferControl(), new Quiet());
        } catch (TransferException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
