package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.transfer.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of one file come back as names of one file, wherever and whatever it is. */
class HardLinkTest {
    @TempDir
    Path folder;

    private Path repository;
    private Path key;
    private Path source;
    private Path target;

    @BeforeEach
    void make() throws Exception {
        repository = folder.resolve("repository");
        key = folder.resolve("key");
        source = Files.createDirectory(folder.resolve("source"));
        target = folder.resolve("target");
        Repository.init(repository, key).close();
    }

    @Test
    void a_directory_that_may_not_be_written_takes_its_links() throws Exception {
        Path shut = Files.createDirectory(source.resolve("shut"));
        Files.writeString(source.resolve("first"), "content");
        Files.createLink(shut.resolve("second"), source.resolve("first"));
        Object time = Files.getLastModifiedTime(shut);
        run("chmod", "0555", shut.toString());

        copy();

        assertThat(inode(target.resolve("shut/second"))).isEqualTo(inode(target.resolve("first")));
        assertThat(Files.getLastModifiedTime(target.resolve("shut"))).isEqualTo(time);
        assertThat(Files.getAttribute(target.resolve("shut"), "unix:mode")).isEqualTo(040555);
    }

    @Test
    void pipes_and_symbolic_links_are_linked_too() throws Exception {
        run("mkfifo", source.resolve("pipe1").toString());
        Files.createLink(source.resolve("pipe2"), source.resolve("pipe1"));
        Files.createSymbolicLink(source.resolve("way1"), Path.of("nowhere"));
        run(
                "ln",
                "-P",
                source.resolve("way1").toString(),
                source.resolve("way2").toString());

        copy();

        assertThat(inode(target.resolve("pipe2"))).isEqualTo(inode(target.resolve("pipe1")));
        assertThat(inode(target.resolve("way2"))).isEqualTo(inode(target.resolve("way1")));
    }

    private void copy() throws Exception {
        var backup = new TransferPlan.Backup(repository, key, folder, "b", null, 2, 0, source, "source");
        var stored = (TransferResult.Completed) Transfer.run(backup, new TransferControl(), new Quiet());
        var restore = new TransferPlan.Restore(repository, key, folder, "r", null, 2, 0, stored.snapshotId(), target);
        assertThat(Transfer.run(restore, new TransferControl(), new Quiet()))
                .isInstanceOf(TransferResult.Completed.class);
    }

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino", java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private static final class Quiet implements TransferListener {
        @Override
        public void started(Start start, String token, long epoch) {}

        @Override
        public void progressed(TransferProgress progress) {}

        @Override
        public void warned(String kind, String message) {
            throw new AssertionError(kind + ": " + message);
        }
    }
}
