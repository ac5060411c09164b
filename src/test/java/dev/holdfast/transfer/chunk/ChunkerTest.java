package dev.holdfast.transfer.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChunkerTest {
    private static final byte[] SEED = "a seed of thirty-two bytes......".getBytes(StandardCharsets.US_ASCII);
    private static final int SIZE = 32 << 20;

    private final Chunker chunker = new Chunker(SEED);

    private static byte[] noise(long seed, int size) {
        byte[] data = new byte[size];
        new Random(seed).nextBytes(data);
        return data;
    }

    private static List<Integer> lengths(Chunker chunker, byte[] data) {
        List<Integer> lengths = new ArrayList<>();
        int at = 0;
        while (at < data.length) {
            int length = chunker.cut(data, at, data.length - at);
            assertThat(length).isPositive();
            lengths.add(length);
            at += length;
        }
        return lengths;
    }

    private Set<String> contents(byte[] data) throws Exception {
        Set<String> ids = new HashSet<>();
        int at = 0;
        for (int length : lengths(chunker, data)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(data, at, length);
            ids.add(HexFormat.of().formatHex(digest.digest()));
            at += length;
        }
        return ids;
    }

    @Test
    void same_seed_cuts_at_the_same_places() {
        byte[] data = noise(1, SIZE);
        assertThat(lengths(new Chunker(SEED), data)).isEqualTo(lengths(chunker, data));
    }

    @Test
    void another_seed_cuts_at_other_places() {
        byte[] data = noise(2, 16 << 20);
        byte[] other = SEED.clone();
        other[0] ^= 1;
        assertThat(lengths(new Chunker(other), data)).isNotEqualTo(lengths(chunker, data));
    }

    @Test
    void lengths_keep_the_limits_and_the_average() {
        List<Integer> lengths = lengths(chunker, noise(3, SIZE));
        List<Integer> inner = lengths.subList(0, lengths.size() - 1);
        assertThat(inner).allMatch(length -> length > Chunker.MIN && length <= Chunker.MAX);
        double mean = inner.stream().mapToInt(Integer::intValue).average().orElseThrow();
        assertThat(mean).isBetween(Chunker.AVERAGE * 0.8, Chunker.AVERAGE * 1.2);
    }

    @Test
    void data_without_boundaries_is_cut_at_the_longest() {
        assertThat(lengths(chunker, new byte[5 << 20])).containsExactly(Chunker.MAX, Chunker.MAX, 1 << 20);
    }

    @Test
    void short_input_is_one_chunk_and_no_input_is_none() {
        byte[] data = noise(4, Chunker.MIN);
        assertThat(chunker.cut(data, 0, 0)).isZero();
        assertThat(chunker.cut(data, 5, 1)).isEqualTo(1);
        assertThat(chunker.cut(data, 0, data.length)).isEqualTo(data.length);
    }

    @Test
    void a_cut_depends_on_the_content_and_not_on_its_place_in_the_buffer() {
        byte[] data = noise(5, Chunker.MAX);
        byte[] moved = new byte[Chunker.MAX + 1000];
        System.arraycopy(data, 0, moved, 777, data.length);
        assertThat(chunker.cut(moved, 777, data.length)).isEqualTo(chunker.cut(data, 0, data.length));
    }

    @Test
    void most_chunks_are_found_again_when_bytes_are_put_in_front() throws Exception {
        for (int shift : new int[] {1, 777, 300_000}) {
            byte[] data = noise(6, SIZE);
            byte[] shifted = new byte[SIZE + shift];
            System.arraycopy(noise(7, shift), 0, shifted, 0, shift);
            System.arraycopy(data, 0, shifted, shift, SIZE);
            Set<String> before = contents(data);
            Set<String> after = contents(shifted);
            long known = after.stream().filter(before::contains).count();
            assertThat(known).as("shift %d", shift).isGreaterThanOrEqualTo(after.size() * 9L / 10);
        }
    }

    @Test
    void a_change_inside_touches_few_chunks() throws Exception {
        byte[] data = noise(8, SIZE);
        byte[] changed = data.clone();
        Arrays.fill(changed, SIZE / 2, SIZE / 2 + 100, (byte) 0);
        Set<String> fresh = contents(changed);
        fresh.removeAll(contents(data));
        assertThat(fresh).hasSizeLessThanOrEqualTo(4);
    }
}
