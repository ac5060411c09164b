package dev.holdfast.transfer.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.Repository;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class PulseTest {
    @TempDir
    Path folder;

    /** Keeps the pulse busy, as a checkpoint would, until the thread that stops it waits for it. */
    private static final class Busy implements TransferListener {
        private final Thread stopping = Thread.currentThread();
        volatile boolean beating;
        volatile boolean interrupted;

        @Override
        public void started(Start start, String token, long epoch) {}

        @Override
        public void progressed(TransferProgress progress) {
            if (Thread.currentThread() != stopping) {
                beating = true;
                while (stopping.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                interrupted = Thread.currentThread().isInterrupted();
            }
        }

        @Override
        public void warned(String kind, String message) {}
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void what_it_is_at_when_the_work_is_done_is_not_interrupted() throws Exception {
        Path key = folder.resolve("key");
        try (Repository repository = Repository.init(folder.resolve("repository"), key);
                Attempt attempt = repository.begin("s", null, "source")) {
            Busy listener = new Busy();
            TransferControl control = new TransferControl();
            Counters counters = new Counters(attempt, listener);
            Crew crew = new Crew(attempt, counters, control, 1);
            Pulse pulse = new Pulse(attempt, crew, counters, control, listener);
            while (!listener.beating) {
                Thread.onSpinWait();
            }

            pulse.stop();

            assertThat(listener.interrupted)
                    .as("its files would close under it")
                    .isFalse();
            assertThat(crew.failure()).isNull();
        }
    }
}
