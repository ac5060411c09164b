package dev.holdfast.transfer.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackNamesTest {
    private final PackNames names = new PackNames();

    @Test
    void a_number_gives_the_name_back_and_a_name_its_number() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            all.add("packs/s" + i % 7 + "/" + (1 + i % 3) + "-" + i);
        }
        for (int i = 0; i < all.size(); i++) {
            assertThat(names.number(all.get(i))).isEqualTo(i + 1);
        }
        for (int i = 0; i < all.size(); i++) {
            assertThat(names.name(i + 1)).isEqualTo(all.get(i));
            assertThat(names.number(all.get(i))).isEqualTo(i + 1);
        }
    }

    @Test
    void names_of_another_form_are_kept_as_they_are() {
        List<String> odd = List.of(
                "packs/s/1-007",
                "packs/s/01-7",
                "packs/s/+1-7",
                "packs/s/1-",
                "packs/s/-7",
                "packs/s/1-7-1",
                "packs/s/x",
                "packs/s/99999999999-1",
                "x",
                "");
        for (String name : odd) {
            assertThat(names.name(names.number(name))).isEqualTo(name);
        }
        assertThat(names.number("packs/s/1-7")).isEqualTo(odd.size() + 1);
    }
}
