package dev.holdfast.transfer.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkIndexTest {
    /** Enough for several runs on disk. */
    private static final int KEYS = 5 * ChunkIndex.TABLE_MAX + 1000;

    @TempDir
    Path scratch;

    @Test
    void every_key_is_found_at_its_place_however_many_there_are() {
        try (ChunkIndex index = filled(scratch)) {
            SplittableRandom keys = new SplittableRandom(1);
            for (int i = 0; i < KEYS; i++) {
                assertThat(index.find(keys.nextLong(), keys.nextLong())).isEqualTo(place(i));
            }
        }
    }

    @Test
    void a_key_that_never_came_is_unknown_and_is_claimed_once() {
        try (ChunkIndex index = filled(scratch)) {
            SplittableRandom others = new SplittableRandom(2);
            for (int i = 0; i < KEYS; i++) {
                long high = others.nextLong();
                long low = others.nextLong();
                assertThat(index.find(high, low)).isEqualTo(ChunkIndex.UNKNOWN);
                assertThat(index.claim(high, low)).isTrue();
                assertThat(index.claim(high, low)).isFalse();
                index.add(high, low, place(i));
                assertThat(index.claim(high, low)).isFalse();
            }
        }
    }

    @Test
    void a_claim_outlives_the_table_it_was_made_in() {
        try (ChunkIndex index = new ChunkIndex(scratch)) {
            assertThat(index.claim(7, 7)).isTrue();
            fill(index);
            assertThat(index.find(7, 7)).isEqualTo(ChunkIndex.CLAIMED);
        }
    }

    @Test
    void what_was_removed_stays_removed_until_it_is_written_again() {
        SplittableRandom keys = new SplittableRandom(1);
        long high = keys.nextLong();
        long low = keys.nextLong();
        try (ChunkIndex index = filled(scratch)) {
            index.removeAt(high, low, place(1));
            assertThat(index.find(high, low)).isEqualTo(place(0));
            index.removeAt(high, low, place(0));
            assertThat(index.find(high, low)).isEqualTo(ChunkIndex.DEAD);
            assertThat(index.claim(high, low)).isTrue();
            index.add(high, low, place(5));
            SplittableRandom others = new SplittableRandom(3);
            for (int i = 0; i < 2 * ChunkIndex.TABLE_MAX; i++) {
                index.add(others.nextLong(), others.nextLong(), place(i));
            }
            assertThat(index.find(high, low)).isEqualTo(place(5));
        }
    }

    @Test
    void nothing_is_left_behind_in_the_directory() throws IOException {
        try (ChunkIndex index = filled(scratch);
                var files = Files.list(scratch)) {
            assertThat(index.find(0, 0)).isEqualTo(ChunkIndex.UNKNOWN);
            assertThat(files).isEmpty();
        }
    }

    @Test
    void without_a_directory_all_stays_in_memory() {
        try (ChunkIndex index = filled(scratch.resolve("absent"))) {
            SplittableRandom keys = new SplittableRandom(1);
            for (int i = 0; i < KEYS; i++) {
                assertThat(index.find(keys.nextLong(), keys.nextLong())).isEqualTo(place(i));
            }
        }
    }

    @Test
    void keys_that_are_not_spread_are_kept_as_well() {
        try (ChunkIndex index = new ChunkIndex(scratch)) {
            for (int i = 0; i < 3000; i++) {
                index.add(i, -i, place(i));
            }
            for (int i = 0; i < 3000; i++) {
                assertThat(index.find(i, -i)).isEqualTo(place(i));
            }
        }
    }

    private static ChunkIndex filled(Path scratch) {
        ChunkIndex index = new ChunkIndex(scratch);
        fill(index);
        return index;
    }

    private static void fill(ChunkIndex index) {
        SplittableRandom keys = new SplittableRandom(1);
        for (int i = 0; i < KEYS; i++) {
            index.add(keys.nextLong(), keys.nextLong(), place(i));
        }
    }

    private static long place(int i) {
        return Location.of(1 + i / 32, 64L * (i % 32), i % 7);
    }
}
