package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
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

    @Test
    void a_pack_that_is_swept_while_a_verification_runs_is_no_damage() throws Exception {
        for (int i = 0; i < 5; i++) {
            write(i);
            run("b" + i);
        }
        List<String> read = new ArrayList<>();

        Verification.Report report = Verification.run(repository, key, 100, progress -> {
            if (progress.filesDone() == 1) {
                removePacks();
                read.add("the first");
            }
        });

        assertThat(read).hasSize(1);
        assertThat(report.problems()).isEmpty();
        assertThat(report.packs()).isGreaterThanOrEqualTo(5);
        assertThat(report.chunks()).as("of the first").isPositive();
    }

    @Test
    void of_two_restores_to_one_target_one_is_refused() throws Exception {
        Files.writeString(source.resolve("file"), "content");
        run("b");
        List<TransferException> refused = new ArrayList<>();

        var first = Transfer.run(restore("r1", 1), new TransferControl(), new Quiet() {
            @Override
            public void started(Start start, String token, long epoch) {
                try {
                    Transfer.run(restore("r2", 1), new TransferControl(), new Quiet());
                } catch (TransferException e) {
                    refused.add(e);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        });

        assertThat(first).isInstanceOf(TransferResult.Completed.class);
        assertThat(target.resolve("file")).hasContent("content");
        assertThat(refused).singleElement().satisfies(e -> {
            assertThat(e.code()).isEqualTo(TransferException.Code.TARGET_NOT_EMPTY);
            assertThat(e).hasMessageContaining("another restore has begun there");
        });
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.filter(path -> path.toString().contains(".holdfast-")))
                    .isEmpty();
        }
    }

    private void removePacks() {
        try (Stream<Path> packs = Files.walk(repository.resolve("packs"))) {
            for (Path pack : packs.filter(Files::isRegularFile).toList()) {
                Files.delete(pack);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(int number) {
        try {
            Files.writeString(source.resolve("file" + number), "content " + number);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
