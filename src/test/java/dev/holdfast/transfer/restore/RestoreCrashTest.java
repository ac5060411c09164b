package dev.holdfast.transfer.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.TreeListing;
import dev.holdfast.transfer.Transfer;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferPlan;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.TransferResult;
import dev.holdfast.transfer.repository.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A machine that goes down in the middle of a restore takes with it what was not on its disk. */
class RestoreCrashTest {
    private static final int FILES = 40;
    private static final int FILE_BYTES = 300_000;
    private static final long WHOLE = (long) FILES * FILE_BYTES;

    /** Files that are begun after the checkpoint and before the crash; more than the restore has workers. */
    private static final int FURTHER = 4;

    @TempDir
    Path folder;

    @Test
    @Timeout(120)
    void what_was_made_durable_is_not_written_again_and_what_was_lost_is() throws Exception {
        Path source = folder.resolve("source");
        make(source);
        Path target = folder.resolve("target");
        TransferPlan.Restore plan = plan(source, target);
        Signals signals = new Signals();
        TransferControl control = new TransferControl();
        FutureTask<TransferResult> run = new FutureTask<>(() -> Transfer.run(plan, control, signals));
        Thread thread = Thread.ofPlatform().name("restore").start(run);

        assertThat(signals.third.await(30, TimeUnit.SECONDS))
                .as("a third of it")
                .isTrue();
        control.limit(WHOLE / FILES); // A file a second: a checkpoint syncs a whole disk, which others write to.
        TransferProgress safe = control.checkpoint().get(30, TimeUnit.SECONDS);
        Set<Path> durable = files(target);
        awaitFurther(target, durable, run);
        thread.interrupt();
        assertThatThrownBy(() -> run.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(InterruptedException.class);
        lose(target, durable);
        JournalTest.restartMachine(JournalPlace.beside(target, "r"));

        TransferResult resumed = Transfer.run(plan, new TransferControl(), new Signals());

        assertThat(resumed).isInstanceOf(TransferResult.Completed.class);
        assertThat(TreeListing.of(target)).isEqualTo(TreeListing.of(source));
        assertThat(safe.bytesDone()).isBetween(WHOLE / 3, WHOLE);
        assertThat(resumed.progress().bytesSent()).isBetween(1L, WHOLE - safe.bytesDone());
    }

    private TransferPlan.Restore plan(Path source, Path target) throws Exception {
        Path repository = folder.resolve("repository");
        Path key = folder.resolve("key");
        Repository.init(repository, key).close();
        var backup = new TransferPlan.Backup(repository, key, folder, "b", null, 2, 0, source, "source");
        var stored = (TransferResult.Completed) Transfer.run(backup, new TransferControl(), new Signals());
        return new TransferPlan.Restore(repository, key, folder, "r", null, 2, WHOLE / 4, stored.snapshotId(), target);
    }

    private static void make(Path source) throws Exception {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        System.err.println("-Dholdfast.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < FILES; i++) {
            byte[] bytes = new byte[FILE_BYTES];
            random.nextBytes(bytes);
            Files.write(Files.createDirectories(source.resolve("d" + i % 3)).resolve("f" + i), bytes);
        }
    }

    private static void awaitFurther(Path target, Set<Path> durable, FutureTask<?> run) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        Set<Path> further = Set.of();
        while (further.size() < FURTHER) {
            assertThat(run.isDone()).as("the restore has ended").isFalse();
            assertThat(System.nanoTime()).as("in time for %s", further).isLessThan(end);
            LockSupport.parkNanos(20_000_000);
            further = files(target);
            further.removeAll(durable);
        }
    }

    private static Set<Path> files(Path root) throws Exception {
        try (var paths = Files.walk(root)) {
            return new HashSet<>(paths.filter(Files::isRegularFile).toList());
        }
    }

    /** Pages that never reached the disk: sizes are there, content is not; or not even the name is. */
    private static void lose(Path target, Set<Path> durable) throws Exception {
        List<Path> lost =
                files(target).stream().filter(file -> !durable.contains(file)).toList();
        assertThat(lost).hasSizeGreaterThanOrEqualTo(FURTHER);
        Files.delete(lost.getFirst());
        for (Path file : lost.subList(1, lost.size())) {
            Files.write(file, new byte[(int) Files.size(file)]);
        }
    }

    private static final class Signals implements TransferListener {
        final CountDownLatch third = new CountDownLatch(1);

        @Override
        public void started(Start start, String token, long epoch) {}

        @Override
        public void progressed(TransferProgress progress) {
            if (progress.bytesDone() > WHOLE / 3) {
                third.countDown();
            }
        }

        @Override
        public void warned(String kind, String message) {
            throw new AssertionError(kind + ": " + message);
        }
    }
}
