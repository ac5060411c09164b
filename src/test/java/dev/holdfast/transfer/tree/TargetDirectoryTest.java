package dev.holdfast.transfer.tree;

import static dev.holdfast.transfer.tree.Trees.FORBIDDEN;
import static dev.holdfast.transfer.tree.Trees.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.PosixException;
import dev.holdfast.transfer.os.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetDirectoryTest {
    @TempDir
    Path temp;

    private static void refused(Path root, String detail) {
        assertThatThrownBy(() -> TargetDirectory.prepare(root))
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.code()).isEqualTo(Code.TARGET_NOT_EMPTY))
                .hasMessageContaining(root.toString())
                .hasMessageContaining(detail);
    }

    @Test
    void absent_root_is_made_with_its_parents() throws Exception {
        Path root = temp.resolve("a/b/c");
        TargetDirectory.prepare(root).close();
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void new_volume_with_lost_and_found_counts_as_empty() throws Exception {
        Files.createDirectory(temp.resolve("lost+found"));
        try (TargetDirectory root = TargetDirectory.prepare(temp)) {
            root.makeDirectory(bytes("lost+found")).close();
        }
    }

    @Test
    void root_that_holds_anything_is_refused() throws Exception {
        Files.createFile(temp.resolve("precious"));
        refused(temp, "precious");
        refused(temp.resolve("precious"), "not a directory");
        assertThat(temp.resolve("precious")).exists();
    }

    @Test
    void filled_lost_and_found_is_refused() throws Exception {
        Files.createDirectory(temp.resolve("lost+found"));
        Files.createFile(temp.resolve("lost+found/#12"));
        refused(temp, "lost+found");
    }

    @Test
    void root_that_cannot_be_made_is_an_error_of_the_target() throws Exception {
        Path file = Files.createFile(temp.resolve("file"));
        assertThatThrownBy(() -> TargetDirectory.prepare(file.resolve("below")))
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.code()).isEqualTo(Code.TARGET_IO));
    }

    @Test
    void hostile_names_are_refused_by_everything() throws Exception {
        Path root = temp.resolve("root");
        try (TargetDirectory to = TargetDirectory.prepare(root);
                TargetFile model = to.createFile(bytes("model"))) {
            Node node = model.stat();
            for (byte[] name : List.of(
                    bytes(""),
                    bytes("."),
                    bytes(".."),
                    bytes("/"),
                    bytes("/etc/passwd"),
                    bytes("../x"),
                    bytes("a/b"),
                    bytes("x/"),
                    bytes("a\0b"),
                    new byte[5000])) {
                hostile(() -> to.createFile(name));
                hostile(() -> to.openFile(name));
                hostile(() -> to.makeDirectory(name));
                hostile(() -> to.openDirectory(name));
                hostile(() -> to.symlink(name, bytes("t")));
                hostile(() -> to.special(name, node, FORBIDDEN));
                hostile(() -> to.hardLink(to, bytes("model"), name));
                hostile(() -> to.hardLink(to, name, bytes("fine")));
                hostile(() -> to.apply(name, node, FORBIDDEN));
                hostile(() -> to.stat(name));
            }
        }
        assertThat(root).isDirectoryContaining("glob:**/model");
        try (var entries = Files.list(root)) {
            assertThat(entries).hasSize(1);
        }
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws Exception;
    }

    private static void hostile(Attempt attempt) {
        assertThatThrownBy(attempt::run).isInstanceOfSatisfying(TransferException.class, e -> assertThat(e.code())
                .isEqualTo(Code.HOSTILE_ARCHIVE));
    }

    @Test
    void symbolic_link_in_the_target_does_not_lead_out() throws Exception {
        Path outside = Files.createDirectory(temp.resolve("outside"));
        Path victim = Files.writeString(outside.resolve("victim"), "untouched");
        long mtime = Files.getLastModifiedTime(victim).toMillis();
        try (TargetDirectory to = TargetDirectory.prepare(temp.resolve("root"));
                TargetFile model = to.createFile(bytes("model"))) {
            to.symlink(bytes("dir"), bytes(outside.toString()));
            to.symlink(bytes("file"), bytes(victim.toString()));
            errno(Errno.ENOTDIR, () -> to.openDirectory(bytes("dir")));
            errno(Errno.EEXIST, () -> to.makeDirectory(bytes("dir")));
            errno(Errno.EEXIST, () -> to.createFile(bytes("file")));
            errno(Errno.ELOOP, () -> to.openFile(bytes("file")));
            Node node = model.stat();
            Node xattr = node.with(null, List.of(new Xattr(bytes("user.x"), bytes("y"))));
            to.apply(bytes("file"), xattr, (kind, message) -> {});
        }
        assertThat(victim).hasContent("untouched");
        assertThat(Files.getLastModifiedTime(victim).toMillis()).isEqualTo(mtime);
        try (SourceDirectory from = SourceDirectory.open(outside)) {
            Node node = from.describe(bytes("victim"), from.stat(bytes("victim")), FORBIDDEN);
            assertThat(node.xattrs()).extracting(Xattr::label).doesNotContain("user.x");
        }
    }

    private static void errno(int expected, Attempt attempt) {
        assertThatThrownBy(attempt::run).isInstanceOfSatisfying(PosixException.class, e -> assertThat(e.errno())
                .isEqualTo(expected));
    }

    @Test
    void source_never_follows_links_either() throws Exception {
        Path outside = Files.createDirectory(temp.resolve("outside"));
        Files.createFile(outside.resolve("f"));
        Path source = Files.createDirectory(temp.resolve("source"));
        Files.createSymbolicLink(source.resolve("dir"), outside);
        Files.createSymbolicLink(source.resolve("file"), outside.resolve("f"));
        try (SourceDirectory from = SourceDirectory.open(source)) {
            errno(Errno.ENOTDIR, () -> from.open(bytes("dir")));
            errno(Errno.ELOOP, () -> from.openFile(bytes("file")));
        }
    }

    @Test
    void fifo_in_the_place_of_a_file_does_not_block() throws Exception {
        try (TargetDirectory to = TargetDirectory.prepare(temp.resolve("root"));
                TargetFile model = to.createFile(bytes("model"))) {
            Node file = model.stat();
            Node fifo = Node.of(new Stat(Flag.S_IFIFO | 0600, file.uid(), file.gid(), 0, 0, 0, 0, 0, 0, 0, 1, 0, 0));
            assertThat(to.special(bytes("fifo"), fifo, FORBIDDEN)).isTrue();
        }
        try (SourceDirectory from = SourceDirectory.open(temp.resolve("root"))) {
            assertThatThrownBy(() -> from.openFile(bytes("fifo")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no longer a file");
        }
    }

    @Test
    void resumed_target_replaces_what_an_earlier_attempt_left() throws Exception {
        Path root = temp.resolve("root");
        try (TargetDirectory to = TargetDirectory.prepare(root);
                TargetFile half = to.createFile(bytes("half"))) {
            half.write(bytes("old content"), 0, 11, 0);
            TargetDirectory closed = to.makeDirectory(bytes("d"));
            closed.applySelf(directory(half.stat()), FORBIDDEN);
            closed.close();
            to.symlink(bytes("l"), bytes("old"));
            errno(Errno.EEXIST, () -> to.makeDirectory(bytes("d")));
        }
        try (TargetDirectory to = TargetDirectory.resume(root, false)) {
            try (TargetFile kept = to.openFile(bytes("half"))) {
                assertThat(kept.size()).isEqualTo(11);
            }
            to.symlink(bytes("l"), bytes("new"));
            to.hardLink(to, bytes("half"), bytes("link"));
            to.hardLink(to, bytes("half"), bytes("link"));
            try (TargetDirectory d = to.makeDirectory(bytes("d"))) {
                d.createFile(bytes("in d")).close();
            }
            try (TargetFile fresh = to.createFile(bytes("half"))) {
                assertThat(fresh.size()).isZero();
            }
            assertThat(to.stat(bytes("absent"))).isNull();
        }
        assertThat(Files.readSymbolicLink(root.resolve("l"))).hasToString("new");
        assertThat(root.resolve("link")).hasContent("old content");
    }

    private static Node directory(Node n) {
        return Node.of(new Stat(Flag.S_IFDIR | 0500, n.uid(), n.gid(), 0, 1, 1, 0, 0, 0, 0, 2, 0, 0));
    }

    @Test
    void punched_range_reads_as_zeros() throws Exception {
        try (TargetDirectory to = TargetDirectory.prepare(temp.resolve("root"));
                TargetFile file = to.createFile(bytes("f"))) {
            byte[] ones = new byte[1 << 20];
            Arrays.fill(ones, (byte) 1);
            file.write(ones, 0, ones.length, 0);
            assertThat(file.punch(4096, 8192)).isTrue();
            byte[] read = new byte[ones.length];
            assertThat(file.read(read, 0, read.length, 0)).isEqualTo(read.length);
            Arrays.fill(ones, 4096, 4096 + 8192, (byte) 0);
            assertThat(read).isEqualTo(ones);
            file.sync();
        }
    }

    @Test
    void use_after_close_is_a_bug_and_closing_twice_is_not() throws Exception {
        TargetDirectory to = TargetDirectory.prepare(temp.resolve("root"));
        to.close();
        to.close();
        assertThatThrownBy(() -> to.createFile(bytes("f"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void image_file_is_read_and_written_by_path() throws Exception {
        Path image = temp.resolve("disk.img");
        byte[] data = bytes("0123456789");
        try (TargetFile file = TargetFile.openPath(image)) {
            file.truncate(1 << 20);
            file.write(data, 2, 5, 100);
        }
        try (SourceFile file = SourceFile.openPath(image)) {
            assertThat(file.size()).isEqualTo(1 << 20);
            byte[] read = new byte[10];
            assertThat(file.read(read, 1, 7, 99)).isEqualTo(7);
            assertThat(read).containsExactly(0, 0, '2', '3', '4', '5', '6', 0, 0, 0);
            assertThat(file.read(read, 0, 10, (1 << 20) - 3)).isEqualTo(3);
            assertThat(file.read(read, 0, 10, 2 << 20)).isZero();
        }
    }
}
