package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A record outlives a chunk that it names: power fails, or a sector does. */
class LostChunkTest extends TransferRig {
    private static final int BYTES = 72 << 20;

    /** So that the image's region ends at the beginning of a pack. */
    private static final int HOLE = 46 << 20;

    /** A large file in a tree, or an image; one worker, so that what is behind the first bytes is read after them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Timeout(120)
    void a_region_that_names_a_lost_chunk_is_read_again(boolean tree) throws Exception {
        byte[] bytes = new byte[tree ? BYTES : (64 + 30) << 20];
        new Random(7).nextBytes(bytes);
        Arrays.fill(bytes, 0, HOLE, (byte) 0);
        if (!tree) {
            Files.delete(source);
        }
        writeBehindHole(tree ? source.resolve("a") : source, bytes);
        if (tree) {
            Files.write(source.resolve("b"), Arrays.copyOfRange(bytes, HOLE + 3, 64 << 20));
        }
        Thread.sleep(2100); // Records are written of files that have been at rest for two seconds.
        TransferPlan plan = backup("s", 1, 0);
        TransferControl control = new TransferControl();
        long enough = tree ? BYTES : 64 << 20;
        var stopped = Transfer.run(plan, control, new StopAt(control, enough + 1));
        assertThat(stopped).isInstanceOf(TransferResult.Stopped.class);

        loseLastChunkBeforeRecord();
        assertThat(Transfer.run(plan, new TransferControl(), new Quiet())).isInstanceOf(TransferResult.Completed.class);

        assertThat(Transfer.run(restore("r", 1), new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);
        byte[] restored = Files.readAllBytes(tree ? target.resolve("a") : target);
        assertThat(Arrays.mismatch(restored, bytes))
                .as("first byte that differs")
                .isNegative();
    }

    private static void writeBehindHole(Path file, byte[] bytes) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(HOLE);
            out.write(bytes, HOLE, bytes.length - HOLE);
        }
    }

    /** Of the unfinished pack, the data frame that comes last before the last page of pieces. */
    private void loseLastChunkBeforeRecord() throws IOException {
        try (var parts = Files.list(repository.resolve("packs/s"))) {
            Path part = parts.filter(path -> path.toString().endsWith(".part"))
                    .max(java.util.Comparator.comparingLong(
                            path -> path.toFile().length()))
                    .orElseThrow();
            byte[] pack = Files.readAllBytes(part);
            int data = -1;
            int lost = -1;
            for (int at = 0; at + 80 <= pack.length; ) {
                switch (pack[at + 5]) {
                    case 'D' -> data = at;
                    case 'T' -> lost = data;
                    default -> {}
                }
                at += 80 + ByteBuffer.wrap(pack).order(ByteOrder.LITTLE_ENDIAN).getInt(at + 28);
            }
            assertThat(lost).isNotNegative();
            pack[lost + 100] ^= 1;
            Files.write(part, pack);
        }
    }

    /** Stops a transfer, held back for that, once so many source bytes are done. */
    private static final class StopAt extends Quiet {
        private final TransferControl control;
        private final long bytes;

        StopAt(TransferControl control, long bytes) {
            this.control = control;
            this.bytes = bytes;
        }

        @Override
        public void started(Start start, String token, long epoch) {
            control.limit(24 << 20);
        }

        @Override
        public void progressed(TransferProgress progress) {
            if (progress.bytesDone() >= bytes) {
                control.stop();
            }
        }
    }
}
