package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.RandomTree;
import dev.holdfast.testing.TreeListing;
import dev.holdfast.transfer.repository.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine in one process: what goes in comes out, increments are small, a stop loses nothing. */
class TransferTest {
    private static final int WORKERS = 2;

    @TempDir
    Path folder;

    private Path source;
    private Path repository;
    private Path key;
    private RandomTree tree;
    private int sessions;

    @BeforeEach
    void make() throws IOException, TransferException {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        System.err.println("-Dholdfast.seed=" + seed);
        tree = new RandomTree(new Random(seed));
        source = folder.resolve("source");
        repository = folder.resolve("repository");
        key = folder.resolve("key");
        Repository.init(repository, key).close();
    }

    @Test
    void a_tree_comes_back_as_it_was() throws Exception {
        tree.make(source, 700, 5);

        var backup = backup();
        restore(backup.snapshotId(), folder.resolve("target"));

        assertThat(TreeListing.of(folder.resolve("target"))).isEqualTo(TreeListing.of(source));
    }

    @Test
    void an_unchanged_tree_sends_next_to_nothing() throws Exception {
        tree.make(source, 300, 3);
        long first = backup().progress().bytesSent();

        var second = backup();

        assertThat(second.progress().bytesSent()).isLessThan(first / 20);
        restore(second.snapshotId(), folder.resolve("target"));
        assertThat(TreeListing.of(folder.resolve("target"))).isEqualTo(TreeListing.of(source));
    }

    @Test
    void a_change_that_keeps_size_and_mtime_is_seen() throws Exception {
        Files.createDirectories(source);
        Path file = source.resolve("f");
        Files.writeString(file, "AAAA");
        FileTime time = Files.getLastModifiedTime(file);
        backup();
        Files.writeString(file, "BBBB");
        Files.setLastModifiedTime(file, time);

        var second = backup();

        restore(second.snapshotId(), folder.resolve("target"));
        assertThat(folder.resolve("target/f")).hasContent("BBBB");
    }

    /** The rate limit holds the bundle's first file back; a directory counts as done once all in it was looked at. */
    @ParameterizedTest
    @ValueSource(ints = {0, 4, 9})
    @Timeout(60)
    void a_file_that_outgrows_its_bundle_between_look_and_reading_harms_no_neighbour(int growing) throws Exception {
        Files.createDirectories(source);
        for (int i = 0; i < 10; i++) {
            Files.write(source.resolve("f" + i), tree.bytes(20_000 + i));
        }
        Path file = source.resolve("f" + growing);
        byte[] grown = tree.bytes(3 << 20);
        TransferControl control = new TransferControl();
        var plan = new TransferPlan.Backup(repository, key, folder, "g", null, WORKERS, 1, source, "src");

        var backup = (TransferResult.Completed) Transfer.run(plan, control, new Seen() {
            @Override
            public void progressed(TransferProgress progress) {
                if (control.bytesPerSecondMax() == 1 && progress.filesDone() > 0) {
                    write(file, grown);
                    control.limit(0);
                }
            }
        });

        assertThat(backup.progress().bytesDone()).isEqualTo(bytes(source));
        restore(backup.snapshotId(), folder.resolve("target"));
        assertThat(TreeListing.of(folder.resolve("target"))).isEqualTo(TreeListing.of(source));
        assertThat(folder.resolve("target/f" + growing)).hasBinaryContent(grown);
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_stopped_transfer_resumes_and_sends_nothing_twice() throws Exception {
        tree.make(source, 400, 8);
        long whole = bytes(source);
        TransferControl control = new TransferControl();
        var stopped = Transfer.run(plan("s", null), control, new StopAt(control, whole / 2));
        assertThat(stopped).isInstanceOf(TransferResult.Stopped.class);
        Seen seen = new Seen();

        var resumed = (TransferResult.Completed) Transfer.run(plan("s", null), new TransferControl(), seen);

        assertThat(seen.start).isEqualTo(TransferListener.Start.RESUMED);
        assertThat(resumed.progress().bytesSentAgain()).isZero();
        assertThat(stopped.progress().bytesSent() + resumed.progress().bytesSent())
                .isLessThan(whole + whole / 10);
        restore(resumed.snapshotId(), folder.resolve("target"));
        assertThat(TreeListing.of(folder.resolve("target"))).isEqualTo(TreeListing.of(source));
    }

    @Test
    void a_source_that_is_not_mounted_is_waited_for_and_never_taken_for_an_empty_one() throws Exception {
        tree.make(source, 400, 8);
        long whole = bytes(source);
        TransferControl control = new TransferControl();
        StopAt begun = new StopAt(control, whole / 2);
        Transfer.run(plan("s", null), control, begun);
        Path mounted = Files.move(source, folder.resolve("elsewhere"));

        refusedAsAway(begun.token);
        Files.createDirectory(source);
        refusedAsAway(begun.token);
        Files.delete(source);
        Files.move(mounted, source);

        var resumed =
                (TransferResult.Completed) Transfer.run(plan("s", begun.token), new TransferControl(), new Seen());
        assertThat(resumed.progress().bytesSentAgain()).isZero();
        restore(resumed.snapshotId(), folder.resolve("target"));
        assertThat(TreeListing.of(folder.resolve("target"))).isEqualTo(TreeListing.of(source));
    }

    private void refusedAsAway(String token) {
        assertThatThrownBy(() -> Transfer.run(plan("s", token), new TransferControl(), new Seen()))
                .isInstanceOfSatisfying(TransferException.class, e -> assertThat(e.code())
                        .isEqualTo(TransferException.Code.SOURCE_AWAY))
                .hasMessageContaining(source.toString());
    }

    @Test
    void a_finished_session_is_reported_and_not_run_again() throws Exception {
        tree.make(source, 30, 1);
        var first = (TransferResult.Completed) Transfer.run(plan("s", null), new TransferControl(), new Seen());

        var again = (TransferResult.Completed) Transfer.run(plan("s", null), new TransferControl(), new Seen());

        assertThat(again.snapshotId()).isEqualTo(first.snapshotId());
        assertThat(again.progress().bytesSent()).isZero();
    }

    @Test
    void a_stopped_restore_resumes() throws Exception {
        tree.make(source, 600, 10);
        var backup = backup();
        Path target = folder.resolve("target");
        var plan =
                new TransferPlan.Restore(repository, key, folder, "r", null, WORKERS, 0, backup.snapshotId(), target);
        TransferControl control = new TransferControl();
        var stopped = Transfer.run(plan, control, new StopAt(control, bytes(source) / 3));

        var resumed = Transfer.run(plan, new TransferControl(), new Seen());

        assertThat(stopped).isInstanceOf(TransferResult.Stopped.class);
        assertThat(resumed).isInstanceOf(TransferResult.Completed.class);
        assertThat(TreeListing.of(target)).isEqualTo(TreeListing.of(source));
        assertThat(folder).isDirectoryNotContaining("glob:**holdfast-r");
    }

    @Test
    void an_image_comes_back_with_its_holes() throws Exception {
        Files.createDirectories(folder);
        try (var file = new java.io.RandomAccessFile(source.toFile(), "rw")) {
            file.setLength(80L << 20);
            file.seek(70L << 20);
            file.write(tree.bytes(700_000));
        }

        var backup = backup();
        restore(backup.snapshotId(), folder.resolve("target"));

        assertThat(Files.mismatch(source, folder.resolve("target"))).isEqualTo(-1);
        assertThat(blocks(folder.resolve("target"))).isLessThanOrEqualTo(blocks(source) + 1024);
    }

    @Test
    void a_target_with_something_in_it_is_refused() throws Exception {
        tree.make(source, 10, 0);
        var backup = backup();
        Path target = Files.createDirectories(folder.resolve("target"));
        Files.writeString(target.resolve("mine"), "keep");

        assertThatThrownBy(() -> restore(backup.snapshotId(), target))
                .isInstanceOfSatisfying(TransferException.class, e -> assertThat(e.code())
                        .isEqualTo(TransferException.Code.TARGET_NOT_EMPTY))
                .hasMessageContaining(target.toString());
        assertThat(target.resolve("mine")).hasContent("keep");
    }

    @Test
    void a_missing_source_is_named() {
        assertThatThrownBy(this::backup)
                .isInstanceOfSatisfying(TransferException.class, e -> assertThat(e.code())
                        .isEqualTo(TransferException.Code.SOURCE_MISSING))
                .hasMessageContaining(source.toString());
    }

    private TransferPlan.Backup plan(String session, @org.jspecify.annotations.Nullable String token) {
        return new TransferPlan.Backup(repository, key, folder, session, token, WORKERS, 0, source, "src");
    }

    private TransferResult.Completed backup() throws TransferException, InterruptedException {
        return (TransferResult.Completed) Transfer.run(plan("b" + sessions++, null), new TransferControl(), new Seen());
    }

    private void restore(String snapshot, Path target) throws TransferException, InterruptedException {
        var plan =
                new TransferPlan.Restore(repository, key, folder, "r" + sessions++, null, WORKERS, 0, snapshot, target);
        assertThat(Transfer.run(plan, new TransferControl(), new Seen())).isInstanceOf(TransferResult.Completed.class);
    }

    private static long bytes(Path root) throws IOException {
        try (var paths = Files.walk(root)) {
            return paths.filter(Files::isRegularFile)
                    .mapToLong(path -> path.toFile().length())
                    .sum();
        }
    }

    private static long blocks(Path file) throws Exception {
        Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        return Long.parseLong(stat.inputReader().readLine()) * 512;
    }

    /** Remembers how the attempt began. */
    private static class Seen implements TransferListener {
        Start start = Start.FRESH;
        String token = "";

        @Override
        public void started(Start start, String token, long epoch) {
            this.start = start;
            this.token = token;
        }

        @Override
        public void progressed(TransferProgress progress) {}

        @Override
        public void warned(String kind, String message) {
            throw new AssertionError(kind + ": " + message);
        }
    }

    /** Stops the transfer once so many source bytes are done; slows it down so that this is before the end. */
    private static final class StopAt extends Seen {
        private final TransferControl control;
        private final long bytes;

        StopAt(TransferControl control, long bytes) {
            this.control = control;
            this.bytes = bytes;
        }

        @Override
        public void started(Start start, String token, long epoch) {
            super.started(start, token, epoch);
            control.limit(bytes / 4);
        }

        @Override
        public void progressed(TransferProgress progress) {
            if (progress.bytesDone() >= bytes) {
                control.stop();
            }
        }
    }
}
