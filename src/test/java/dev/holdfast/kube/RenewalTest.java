package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RenewalTest {
    private final ManualTimer timer = new ManualTimer();
    private final long begun = timer.nanos();
    private final List<Long> looks = new ArrayList<>();
    private final Renewal renewal = new Renewal(() -> looks.add((timer.nanos() - begun) / 1_000_000), timer.executor());

    @Test
    void a_change_is_looked_for_soon_and_again_for_a_server_that_lags() {
        renewal.soon();
        timer.pass(Duration.ofMinutes(1));
        assertThat(looks).containsExactly(150L, 900L, 3000L, 10_000L);
    }

    @Test
    void the_later_looks_come_after_the_last_of_many_changes() {
        for (int i = 0; i < 30; i++) {
            renewal.soon();
            timer.pass(Duration.ofMillis(100));
        }
        timer.pass(Duration.ofMinutes(1));
        assertThat(looks).startsWith(150L).endsWith(2900 + 900L, 2900 + 3000L, 2900 + 10_000L);
        assertThat(looks).as("changes that come together share a look").hasSizeLessThanOrEqualTo(15 + 3);
    }
}
