package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.TreeListing;
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.repository.Snapshot;
import dev.holdfast.transfer.restore.SnapshotFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One file of a snapshot, read where it is. */
class SnapshotFileTest extends TransferRig {
    @Test
    void a_file_is_read_as_it_was_and_nothing_is_left() throws Exception {
        byte[] bytes = new byte[5_000_000];
        new Random(1).nextBytes(bytes);
        Files.write(source.resolve("pieces"), bytes);
        Files.writeString(source.resolve("empty"), "");
        Path regions = source.resolve("regions");
        try (RandomAccessFile file = new RandomAccessFile(regions.toFile(), "rw")) {
            file.seek(66 << 20);
            file.write(bytes);
            file.setLength(74 << 20);
        }
        assertThat(Transfer.run(backup("b", 1, 0), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);
        String before = TreeListing.of(repository).toString();

        try (Repository opened = Repository.open(repository, key)) {
            Snapshot snapshot = opened.snapshot("latest", "");
            try (InputStream in = SnapshotFile.open(opened, snapshot, "pieces")) {
                assertThat(Arrays.mismatch(in.readAllBytes(), bytes)).isNegative();
            }
            try (InputStream in = SnapshotFile.open(opened, snapshot, "empty")) {
                assertThat(in).isEmpty();
            }
            try (InputStream in = SnapshotFile.open(opened, snapshot, "regions")) {
                assertThat(Arrays.mismatch(in.readAllBytes(), Files.readAllBytes(regions)))
                        .isNegative();
            }
            assertThatThrownBy(() -> SnapshotFile.open(opened, snapshot, "other"))
                    .isInstanceOf(TransferException.class)
                    .hasMessageContainingAll("of source has no other");
        }

        assertThat(TreeListing.of(repository)).hasToString(before);
    }

    @Test
    void what_cannot_be_read_says_why_and_says_it_again() throws Exception {
        byte[] bytes = new byte[40_000_000];
        new Random(2).nextBytes(bytes);
        Files.write(source.resolve("file"), bytes);
        assertThat(Transfer.run(backup("b", 1, 0), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);
        Path first;
        try (Stream<Path> packs = Files.list(repository.resolve("packs/b"))) {
            first = packs.filter(pack -> pack.toFile().length() > 8 << 20)
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
        try (RandomAccessFile pack = new RandomAccessFile(first.toFile(), "rw")) {
            pack.seek(pack.length() / 2);
            pack.write(new byte[1000]);
        }

        try (Repository opened = Repository.open(repository, key);
                InputStream in = SnapshotFile.open(opened, opened.snapshot("latest", ""), "file")) {
            for (int again = 0; again < 2; again++) {
                assertThatThrownBy(in::readAllBytes)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(first.getFileName().toString())
                        .cause()
                        .isInstanceOfSatisfying(TransferException.class, e -> assertThat(e.code())
                                .isEqualTo(TransferException.Code.REPOSITORY_DAMAGED));
            }
        }
    }
}
