package dev.holdfast.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProtoTest {
    private static final ItemId VOLUME = new ItemId("", "persistentvolumes", "", "pv-1");
    private static final ItemId ROLE = new ItemId("rbac.authorization.k8s.io", "roles", "ns", "r");

    @Test
    void messages_come_back_as_they_were() throws IOException {
        Answer answer = new Answer(bytes("{}"), List.of(VOLUME, ROLE), "op-1", List.of(ROLE));
        Answer read = Answer.decode(answer.encode(bytes("unused")));
        assertThat(read.item()).isEqualTo(bytes("{}"));
        assertThat(read.additional()).containsExactly(VOLUME, ROLE);
        assertThat(read.operation()).isEqualTo("op-1");
        assertThat(read.afterOperation()).containsExactly(ROLE);

        Selector selector = new Selector(List.of("a"), List.of("b", ""), List.of("*"), List.of("pods"), "x=y", true);
        assertThat(Selector.decode(selector.encode())).isEqualTo(selector);

        List<Offer> offers = List.of(new Offer("/p", "BackupItemAction", "a/b"), new Offer("", "Other", "c/d"));
        assertThat(Offer.decode(Offer.encode(offers))).isEqualTo(offers);
    }

    /** Bytes as Go's protobuf writes them, taken from the protocol's field numbers by hand. */
    @Test
    void bytes_are_those_of_protobuf() {
        assertThat(HexFormat.of().formatHex(new ItemId("", "pods", "n", "p").encode()))
                .isEqualTo("1204706f64731a016e220170");
        assertThat(HexFormat.of().formatHex(Selector.resources("pods").encode()))
                .isEqualTo("0a061a04706f6473");
    }

    @Test
    void unknown_fields_are_passed_over() throws IOException {
        byte[] newer = new ProtoWriter()
                .text(1, "g")
                .number(90, Long.MAX_VALUE)
                .text(91, "new")
                .text(2, "pods")
                .done();
        assertThat(ItemId.decode(newer)).isEqualTo(new ItemId("g", "pods", "", ""));
    }

    @Test
    void many_small_things_are_not_made_into_many_objects() {
        byte[] ids = new byte[2 * (ProtoReader.FIELDS_MAX + 1)];
        byte[] offers = new byte[2 * (Offer.OFFERS_MAX + 1)];
        for (int i = 0; i < ids.length; i += 2) {
            ids[i] = 0x12;
        }
        for (int i = 0; i < offers.length; i += 2) {
            offers[i] = 0x0a;
        }
        assertThatThrownBy(() -> Answer.decode(ids))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("fields");
        assertThatThrownBy(() -> Offer.decode(offers))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("plugins");
    }

    @Test
    void garbage_is_an_io_exception_and_nothing_else() {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        Random random = new Random(seed);
        byte[] good = new Answer(bytes("{\"a\":1}"), List.of(VOLUME, ROLE), "op", List.of(ROLE)).encode(bytes(""));
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int j = 0; j <= random.nextInt(3); j++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                Answer.decode(bad);
            } catch (IOException e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("-Dholdfast.seed=" + seed + ", round " + i, e);
            }
        }
        assertThat(refused).as("-Dholdfast.seed=" + seed).isPositive();
    }

    @Test
    void field_longer_than_the_message_is_refused_before_memory_is_taken() {
        byte[] huge = HexFormat.of().parseHex("0affffffff07");
        assertThatThrownBy(() -> Answer.decode(huge))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("2147483647");
    }

    @Test
    void restarts_come_back_as_time_passes() {
        RestartBudget budget = new RestartBudget(2, Duration.ofMinutes(1));
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(budget.spend(start)).isTrue();
        assertThat(budget.spend(start.plusSeconds(30))).isTrue();
        assertThat(budget.spend(start.plusSeconds(59))).isFalse();
        assertThat(budget.spend(start.plusSeconds(60))).isTrue();
        assertThat(budget.spend(start.plusSeconds(61))).isFalse();
        assertThat(budget.spend(start.plusSeconds(90))).isTrue();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
