package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.config.MoverConfig;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {
    private long now = 17;
    private long limit = 1000;
    private final Pace pace = new Pace(() -> limit, () -> now);

    private double secondsUntil(long ticket) {
        return pace.nanosUntil(ticket) / 1e9;
    }

    private void pass(double seconds) {
        now += (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void bytes_are_spaced_by_the_limit_after_a_short_burst() {
        assertThat(secondsUntil(pace.take(100))).isZero();
        assertThat(secondsUntil(pace.take(500))).isEqualTo(0.5);
        pass(0.5);
        assertThat(secondsUntil(pace.take(1000))).isEqualTo(1);
        pass(100);
        assertThat(secondsUntil(pace.take(100))).isZero();
        assertThat(secondsUntil(pace.take(1000))).isEqualTo(1);
    }

    @Test
    void who_waits_already_has_the_good_of_a_higher_limit_and_the_harm_of_a_lower_one() {
        long ticket = pace.take(10_100);
        assertThat(secondsUntil(ticket)).isEqualTo(10);
        pass(5);
        assertThat(secondsUntil(ticket)).isEqualTo(5);
        limit = 100_000;
        assertThat(secondsUntil(ticket)).isEqualTo(0.05);
        limit = 10;
        assertThat(secondsUntil(ticket)).isGreaterThan(400);
        limit = 0;
        assertThat(secondsUntil(ticket)).isZero();
    }

    @Test
    void a_limit_that_came_before_the_run_is_not_overwritten_by_the_plan() {
        TransferControl control = new TransferControl();
        control.limit(5);
        control.limitAtFirst(7);
        assertThat(control.bytesPerSecondMax()).isEqualTo(5);
        TransferControl other = new TransferControl();
        other.limitAtFirst(7);
        assertThat(other.bytesPerSecondMax()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, TransferPlan.WORKERS_MAX + 1})
    void a_plan_has_workers_within_the_bounds_that_the_agent_has_too(int workers) {
        Path path = Path.of("/");
        assertThat(TransferPlan.WORKERS_MAX).isEqualTo(MoverConfig.WORKERS_MAX);
        assertThatThrownBy(() -> new TransferPlan.Backup(path, path, path, "s", null, workers, 0, path, "n"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TransferPlan.Restore(path, path, path, "s", null, workers, 0, "id", path))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
