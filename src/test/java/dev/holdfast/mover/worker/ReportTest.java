package dev.holdfast.mover.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the agent is told while the engine is busy telling. */
class ReportTest {
    @TempDir
    Path folder;

    @Test
    void status_does_not_wait_for_an_engine_that_waits_for_a_disk() {
        Report report = new Report(new MoverLog(folder, 1 << 20), () -> 0, false);
        synchronized (report) {
            assertThat(CompletableFuture.supplyAsync(report::status)).succeedsWithin(Duration.ofSeconds(10));
        }
    }
}
