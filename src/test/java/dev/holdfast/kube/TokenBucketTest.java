package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Budget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** In simulated time: each test is exact, and the same on a slow machine. */
class TokenBucketTest {
    private static final Duration LONG = Duration.ofHours(1);
    private final ManualTimer timer = new ManualTimer();

    private TokenBucket bucket(double qps, int burst) {
        return new TokenBucket(new Budget(qps, burst), timer::nanos, timer.executor());
    }

    private static long done(List<CompletableFuture<Void>> turns) {
        return turns.stream()
                .filter(it -> it.isDone() && !it.isCompletedExceptionally())
                .count();
    }

    private static List<CompletableFuture<Void>> take(Tokens from, Lane lane, int count) {
        List<CompletableFuture<Void>> turns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            turns.add(from.take(lane, LONG));
        }
        return turns;
    }

    @Test
    void after_the_burst_requests_go_at_the_rate() {
        var turns = take(bucket(20, 30).account("a", 100), Lane.BACKUP, 300);

        assertThat(done(turns)).isEqualTo(29); // One is kept for leases.
        timer.pass(Duration.ofSeconds(10));
        assertThat(done(turns)).isEqualTo(229);
    }

    @Test
    void a_long_pause_saves_up_no_more_than_the_burst() {
        var account = bucket(5, 10).account("a", 100);
        timer.pass(Duration.ofHours(1));

        assertThat(done(take(account, Lane.BACKUP, 50))).isEqualTo(10);
    }

    @Test
    void a_lease_passes_at_once_while_five_hundred_wait() {
        var bucket = bucket(100, 100);
        var bulk = take(bucket.account("backup", 100), Lane.BACKUP, 700);
        assertThat(done(bulk)).isEqualTo(95);

        for (int i = 0; i < 5; i++) {
            assertThat(bucket.account("lease", 100).take(Lane.LEASE, LONG)).isCompleted();
        }
    }

    @Test
    void interactive_requests_overtake_but_the_last_lane_does_not_starve() {
        var account = bucket(10, 1).account("a", 100);
        List<Lane> order = Collections.synchronizedList(new ArrayList<>());
        for (Lane lane : List.of(Lane.DISCOVERY, Lane.BACKUP, Lane.INTERACTIVE)) {
            take(account, lane, 30).forEach(it -> it.thenRun(() -> order.add(lane)));
        }
        timer.pass(Duration.ofMillis(4001));

        assertThat(order).hasSize(41);
        assertThat(order.subList(1, 19)).containsOnly(Lane.INTERACTIVE);
        assertThat(order.stream().filter(Lane.DISCOVERY::equals).count()).isBetween(2L, 4L);
        assertThat(order.subList(34, 39)).containsOnly(Lane.BACKUP);
    }

    @Test
    void accounts_that_want_as_much_get_as_much() {
        var bucket = bucket(100, 100);
        List<TokenBucket.Account> accounts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            accounts.add(bucket.account("child" + i, 100));
            take(accounts.get(i), Lane.BACKUP, 1000);
        }
        timer.pass(Duration.ofSeconds(20));

        // The first came alone and had the burst; what was shared since then is equal.
        assertThat(accounts.stream().skip(1).map(TokenBucket.Account::taken).distinct())
                .hasSize(1);
        assertThat(accounts.get(0).taken() - accounts.get(1).taken()).isBetween(94L, 96L);
    }

    @Test
    void a_share_is_the_most_an_account_gets() {
        var bucket = bucket(100, 100);
        var small = bucket.account("small", 20);
        var turns = take(small, Lane.BACKUP, 1000);
        timer.pass(Duration.ofSeconds(10));

        assertThat(done(turns)).isEqualTo(220);
        assertThat(bucket.account("other", 100).take(Lane.BACKUP, LONG)).isCompleted();
    }

    @Test
    void a_higher_rate_counts_for_those_that_wait_already() {
        var bucket = bucket(5, 10);
        var turns = take(bucket.account("a", 100), Lane.BACKUP, 200);
        timer.pass(Duration.ofSeconds(1));
        assertThat(done(turns)).isEqualTo(15);

        bucket.change(new Budget(100, 100));
        timer.pass(Duration.ofMillis(1910)); // 185 more, and the 5 that are kept for leases.

        assertThat(done(turns)).isEqualTo(200);
    }

    @Test
    void a_lower_rate_begins_without_a_burst() {
        var bucket = bucket(100, 100);
        var account = bucket.account("a", 100);
        take(account, Lane.BACKUP, 95);
        bucket.change(new Budget(5, 10));
        var turns = take(account, Lane.BACKUP, 100);

        assertThat(done(turns)).isEqualTo(5); // What was left of the old one.
        timer.pass(Duration.ofSeconds(2));
        assertThat(done(turns)).isEqualTo(15);
    }

    @Test
    void who_waits_too_long_is_told_and_costs_no_token() {
        var bucket = bucket(1, 1);
        var account = bucket.account("a", 100);
        take(account, Lane.BACKUP, 1);
        var late = account.take(Lane.BACKUP, Duration.ofMillis(500));
        var patient = account.take(Lane.BACKUP, LONG);
        timer.pass(Duration.ofMillis(600));

        assertThat(late).isCompletedExceptionally();
        assertThat(late.exceptionNow()).isInstanceOf(WaitedTooLong.class).hasMessageContaining("500 ms");
        timer.pass(Duration.ofMillis(400));
        assertThat(patient).isCompleted();
    }

    @Test
    void a_request_that_was_given_up_costs_no_token() {
        var account = bucket(1, 1).account("a", 100);
        take(account, Lane.BACKUP, 1);
        account.take(Lane.BACKUP, LONG).cancel(false);
        var next = account.take(Lane.BACKUP, LONG);
        timer.pass(Duration.ofSeconds(1));

        assertThat(next).isCompleted();
    }

    @Test
    void without_a_limit_nobody_waits() {
        assertThat(done(take(bucket(Budget.OFF, 1).account("a", 50), Lane.DISCOVERY, 10_000)))
                .isEqualTo(10_000);
    }

    @Test
    void one_alarm_is_set_however_often_the_queue_empties_and_fills() {
        var bucket = bucket(100, 100);
        var slow = bucket.account("slow", 1);
        var fast = bucket.account("fast", 100);
        take(slow, Lane.BACKUP, 500);
        for (int i = 0; i < 200; i++) {
            take(fast, Lane.BACKUP, 3);
            timer.pass(Duration.ofMillis(37));
        }

        int waiting = bucket.waiting(Lane.BACKUP);
        assertThat(waiting).isGreaterThan(300);
        assertThat(timer.tasks()).as("each that waits has an end of its own").isEqualTo(waiting + 1);
    }
}
