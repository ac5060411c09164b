package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class AutoRateTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Offset<Double> CLOSE = within(1e-9);

    @Test
    void a_refusal_takes_a_third_and_those_of_the_same_second_take_nothing_more() {
        AutoRate rate = AutoRate.start(0).refused(0);

        assertThat(rate.factor()).isCloseTo(2.0 / 3, CLOSE);
        assertThat(rate.refused(SECOND / 2)).isEqualTo(rate);
        assertThat(rate.refused(SECOND).factor()).isCloseTo(4.0 / 9, CLOSE);
    }

    @Test
    void quiet_gives_back_a_twentieth_at_a_time_up_to_all_of_it() {
        AutoRate rate = AutoRate.start(0).refused(0);
        assertThat(rate.passed(2 * SECOND)).isEqualTo(rate);

        AutoRate more = rate.passed(3 * SECOND);
        assertThat(more.factor()).isCloseTo(2.0 / 3 + 0.05, CLOSE);
        for (long i = 2; i < 12; i++) {
            more = more.passed(i * 3 * SECOND);
        }
        assertThat(more.factor()).isEqualTo(1);
    }

    @Test
    void a_refusal_right_after_a_raise_counts() {
        AutoRate raised = AutoRate.start(0).refused(0).passed(3 * SECOND);

        assertThat(raised.refused(3 * SECOND + 1).factor()).isCloseTo(raised.factor() * 2 / 3, CLOSE);
    }

    @Test
    void a_part_is_always_left() {
        AutoRate rate = AutoRate.start(0);
        for (int i = 0; i < 100; i++) {
            rate = rate.refused(i * SECOND);
        }
        assertThat(rate.factor()).isEqualTo(0.05);
    }
}
