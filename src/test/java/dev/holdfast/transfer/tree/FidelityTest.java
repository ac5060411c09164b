package dev.holdfast.transfer.tree;

import static dev.holdfast.transfer.tree.Trees.POSIX;
import static dev.holdfast.transfer.tree.Trees.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.transfer.Transfer;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferPlan;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.TransferResult;
import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Seventeen odd entries that backup programs are known to lose, through the whole engine; {@code cp -a} is the bar. */
class FidelityTest {
    private static final int OTHER = 12_345;

    @TempDir
    static Path temp;

    private static boolean root;
    private static boolean copied;

    private enum Row {
        HARD_LINKS(false) {
            @Override
            void make(int at) throws IOException {
                POSIX.linkat(at, bytes("f"), at, bytes("g"));
            }
        },
        SYMLINK(true) {
            @Override
            void make(int at) throws IOException {
                POSIX.symlinkat(bytes("/no/such/place"), at, bytes("l"));
                POSIX.fchownat(at, bytes("l"), OTHER, OTHER + 1);
                POSIX.utimensat(at, bytes("l"), 1_111_111_111, 222_222_222);
            }
        },
        USER_ATTRIBUTE(false) {
            @Override
            void make(int at) throws IOException {
                POSIX.lsetxattr(at, bytes("f"), bytes("user.a"), bytes("v"));
            }
        },
        TRUSTED_ATTRIBUTE(true) {
            @Override
            void make(int at) throws IOException {
                POSIX.lsetxattr(at, bytes("f"), bytes("trusted.a"), bytes("v"));
            }
        },
        ACL(false) {
            @Override
            void make(int at) throws IOException {
                POSIX.lsetxattr(at, bytes("f"), Attributes.ACCESS_ACL, Trees.acl(6, OTHER, 4, 4, 6, 0));
            }
        },
        DEFAULT_ACL(false) {
            @Override
            void make(int at) throws IOException {
                POSIX.fsetxattr(at, Attributes.DEFAULT_ACL, Trees.acl(7, OTHER, 5, 5, 7, 0));
            }
        },
        CAPABILITY(true) {
            @Override
            void make(int at) throws IOException {
                POSIX.fchownat(at, bytes("f"), OTHER, OTHER);
                POSIX.lsetxattr(at, bytes("f"), bytes("security.capability"), Trees.netBindService());
            }
        },
        SETUID(true) {
            @Override
            void make(int at) throws IOException {
                POSIX.fchownat(at, bytes("f"), OTHER, OTHER);
                POSIX.fchmodat(at, bytes("f"), 04755);
            }
        },
        SETGID(false) {
            @Override
            void make(int at) throws IOException {
                POSIX.fchmodat(at, bytes("f"), 02750);
            }
        },
        STICKY(false) {
            @Override
            void make(int at) throws IOException {
                POSIX.mkdirat(at, bytes("d"), 0755);
                POSIX.fchmodat(at, bytes("d"), 01777);
            }
        },
        FIFO(false) {
            @Override
            void make(int at) throws IOException {
                POSIX.mknodat(at, bytes("p"), Flag.S_IFIFO | 0622, 0);
            }
        },
        CHARACTER_DEVICE(true) {
            @Override
            void make(int at) throws IOException {
                POSIX.mknodat(at, bytes("null"), Flag.S_IFCHR | 0666, 1 << 8 | 3);
            }
        },
        SOCKET(false) {
            @Override
            void make(int at) throws IOException {
                POSIX.mknodat(at, bytes("s"), Flag.S_IFSOCK | 0700, 0);
            }
        },
        NAME_THAT_IS_NOT_UTF8(false) {
            @Override
            void make(int at) throws IOException {
                POSIX.mkdirat(at, new byte[] {(byte) 0xff, '\n', (byte) 0xc3, 0x28}, 0755);
            }
        },
        EMPTY_DIRECTORY(false) {
            @Override
            void make(int at) throws IOException {
                POSIX.mkdirat(at, bytes("nothing"), 0701);
                POSIX.utimensat(at, bytes("nothing"), 1_000_000_000, 999_999_999);
            }
        },
        SPARSE(false) {
            @Override
            void make(int at) throws IOException {
                int file = POSIX.openat(at, bytes("holes"), Flag.O_CREAT | Flag.O_RDWR, 0600);
                POSIX.ftruncate(file, 100 << 20);
                Content.write(file, bytes("in the middle"), 0, 13, 70 << 20);
                POSIX.close(file);
            }
        },
        NANOSECONDS(false) {
            @Override
            void make(int at) throws IOException {
                POSIX.utimensat(at, bytes("f"), -5, 123_456_789);
            }
        };

        private final boolean needsRoot;

        Row(boolean needsRoot) {
            this.needsRoot = needsRoot;
        }

        /** Puts the odd entry into a directory that holds a file {@code f}. */
        abstract void make(int at) throws IOException;

        Path in(String tree) {
            return temp.resolve(tree).resolve(name());
        }

        boolean keptBy(String tree) throws IOException {
            return Trees.describe(in(tree)).equals(Trees.describe(in("source")))
                    && blocks(tree) <= blocks("source") + 64;
        }

        private long blocks(String tree) throws IOException {
            try (SourceDirectory directory = SourceDirectory.open(in(tree))) {
                long blocks = 0;
                for (byte[] name : directory.names()) {
                    blocks += directory.stat(name).blocks();
                }
                return blocks;
            }
        }
    }

    @BeforeAll
    static void back_up_restore_and_copy() throws Exception {
        root = Trees.isRoot(temp);
        Path source = temp.resolve("source");
        POSIX.mkdirat(Flag.AT_FDCWD, Names.bytes(source), 0755);
        for (Row row : Row.values()) {
            POSIX.mkdirat(Flag.AT_FDCWD, Names.bytes(row.in("source")), 0755);
            int at = POSIX.openat(Flag.AT_FDCWD, Names.bytes(row.in("source")), Flag.O_DIRECTORY, 0);
            int file = POSIX.openat(at, bytes("f"), Flag.O_CREAT | Flag.O_RDWR, 0640);
            Content.write(file, bytes("content"), 0, 7, 0);
            POSIX.close(file);
            if (root || !row.needsRoot) {
                row.make(at);
            }
            POSIX.close(at);
        }
        Path repository = temp.resolve("repository");
        Path key = temp.resolve("key");
        Repository.init(repository, key).close();
        var backup = new TransferPlan.Backup(repository, key, temp, "b", null, 2, 0, source, "source");
        var stored = (TransferResult.Completed) Transfer.run(backup, new TransferControl(), new Strict());
        Transfer.run(
                new TransferPlan.Restore(
                        repository, key, temp, "r", null, 2, 0, stored.snapshotId(), temp.resolve("restored")),
                new TransferControl(),
                new Strict());
        copied = copy(source, temp.resolve("copied"));
    }

    private static boolean copy(Path source, Path target) throws InterruptedException {
        try {
            return new ProcessBuilder("cp", "-a", source.toString(), target.toString())
                            .inheritIO()
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @AfterAll
    static void remove_everything() throws IOException {
        Trees.clear(temp);
    }

    @ParameterizedTest
    @EnumSource
    void nothing_is_lost(Row row) throws Exception {
        assumeTrue(root || !row.needsRoot, "only root can make this entry");
        assertThat(Trees.describe(row.in("restored"))).isEqualTo(Trees.describe(row.in("source")));
        assertThat(row.keptBy("restored")).as("allocated blocks").isTrue();
    }

    @Test
    void cp_keeps_no_more() throws Exception {
        assumeTrue(copied, "cp -a is not there, or did not succeed");
        Set<Row> ours = EnumSet.noneOf(Row.class);
        Set<Row> its = EnumSet.noneOf(Row.class);
        for (Row row : Row.values()) {
            if (!row.keptBy("restored")) {
                ours.add(row);
            }
            if (!row.keptBy("copied")) {
                its.add(row);
            }
        }
        System.out.println(
                "[measured] of " + Row.values().length + " entries lost: by holdfast " + ours + ", by cp -a " + its);
        assertThat(its).containsAll(ours);
    }

    private static final class Strict implements TransferListener {
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
