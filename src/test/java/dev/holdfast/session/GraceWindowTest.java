package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the end of an agent finds under way. */
@Timeout(30)
class GraceWindowTest {
    private static final Duration GRACE = Duration.ofSeconds(20);

    private final Rig rig = new Rig();

    @Test
    void a_mover_whose_launch_is_under_way_is_stopped_too() throws Exception {
        CountDownLatch launching = new CountDownLatch(1);
        CountDownLatch leaving = new CountDownLatch(1);
        rig.executor = task -> Thread.ofPlatform().daemon().start(task);
        rig.sessions = rig.create();
        rig.sessions.recover();
        rig.movers.before = () -> {
            launching.countDown();
            await(leaving);
        };
        rig.submit("a");
        await(launching);
        CompletableFuture<ShutdownReport> end =
                CompletableFuture.supplyAsync(() -> rig.sessions.shutdown(GRACE, MoverPolicy.STOP));
        leaving.countDown();

        assertThat(end.get(20, TimeUnit.SECONDS).unanswered()).isEmpty();
        assertThat(rig.movers.living()).isEmpty();
    }

    @Test
    void a_launch_that_failed_leaves_nobody_to_ask() {
        rig.sessions.recover();
        rig.movers.refuse = new Failure("MOVER_NOT_STARTED", "no", true);
        rig.submit("a");
        ShutdownReport report = rig.sessions.shutdown(GRACE, MoverPolicy.STOP);
        assertThat(report.checkpointed()).isZero();
        assertThat(report.unanswered()).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
