package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.NoBlockedLoops;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LoopsTest {
    /** Without this the other tests could not fail for it. */
    @Test
    void a_blocked_loop_is_noticed() throws Exception {
        CountDownLatch noticed = new CountDownLatch(1);
        List<String> warnings = new ArrayList<>();
        Vertx vertx = Loops.make(1);
        try {
            vertx.runOnContext(_ -> {
                try {
                    noticed.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            KubeRig.await("a warning", Duration.ofSeconds(20), () -> warnings.addAll(NoBlockedLoops.warnings()));
        } finally {
            noticed.countDown();
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }

        assertThat(warnings).first().asString().contains("blocked");
        NoBlockedLoops.warnings(); // A second one may have come meanwhile; it is none of the other tests'.
    }
}
