package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Under a low limit a restore moves with every piece: one that stands still would be taken for dead. */
class SlowRestoreTest extends TransferRig {
    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_file_does_not_wait_until_its_neighbours_are_paid_for() throws Exception {
        Files.writeString(source.resolve("a"), "x");
        Files.write(source.resolve("b"), new byte[900_000]);
        assertThat(Transfer.run(backup("b", 1, 0), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);

        TransferControl control = new TransferControl();
        control.limit(10);
        TransferResult result = Transfer.run(restore("r", 1), control, new Quiet() {
            @Override
            public void progressed(TransferProgress progress) {
                if (progress.bytesSent() > 0) {
                    control.stop();
                }
            }
        });

        assertThat(result).isInstanceOf(TransferResult.Stopped.class);
        assertThat(target.resolve("a")).hasContent("x");
    }
}
