package dev.holdfast.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Names of one file come back as names of one file, wherever and whatever it is. */
class HardLinkTest extends TransferRig {
    @Test
    void more_links_than_are_held_in_memory_come_back_in_their_folders() throws Exception {
        String longName = "n".repeat(200);
        for (int folder = 0; folder < 3; folder++) {
            Files.createDirectories(source.resolve(folder + "/inner"));
        }
        for (int file = 0; file < 300; file++) {
            Path first = source.resolve(file % 3 + "/inner/" + longName + file);
            Files.writeString(first, file % 2 == 0 ? "the same" : "content " + file);
            Files.createLink(source.resolve((file + 1) % 3 + "/" + longName + file), first);
            Files.createLink(source.resolve("2/inner/zz" + longName + file), first);
        }
        Object time = Files.getLastModifiedTime(source.resolve("1"));

        copy();

        for (int file = 0; file < 300; file++) {
            Path first = target.resolve(file % 3 + "/inner/" + longName + file);
            assertThat(first).hasContent(file % 2 == 0 ? "the same" : "content " + file);
            assertThat(Files.getAttribute(first, "unix:nlink")).isEqualTo(3);
            assertThat(inode(target.resolve((file + 1) % 3 + "/" + longName + file)))
                    .isEqualTo(inode(first));
            assertThat(inode(target.resolve("2/inner/zz" + longName + file))).isEqualTo(inode(first));
        }
        assertThat(Files.getLastModifiedTime(target.resolve("1"))).isEqualTo(time);
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

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino", java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
