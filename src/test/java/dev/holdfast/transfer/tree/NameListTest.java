package dev.holdfast.transfer.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NameListTest {
    @Test
    void names_of_many_blocks_come_back_in_the_order_of_their_unsigned_bytes() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        NameList names = new NameList();
        List<byte[]> expected = new ArrayList<>();
        byte[] records = new byte[5000];
        for (int i = 0; i < 20_000; i++) {
            int length = i % 1000 == 0 ? 4095 : 1 + random.nextInt(255);
            int start = random.nextInt(records.length - length);
            random.nextBytes(records);
            names.add(records, start, start + length);
            expected.add(Arrays.copyOfRange(records, start, start + length));
        }
        assertThat(names).containsExactlyElementsOf(expected);

        expected.sort(Arrays::compareUnsigned);

        assertThat(names.sorted()).containsExactlyElementsOf(expected);
    }

    @Test
    void a_directory_may_be_empty() {
        assertThat(new NameList().sorted()).isEmpty();
    }
}
