package dev.holdfast.transfer.tree;

import static dev.holdfast.transfer.tree.Trees.POSIX;
import static dev.holdfast.transfer.tree.Trees.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.transfer.os.Flag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every kind of entry comes out of a copy the same, whoever makes the copy. */
abstract class FidelityContract extends FidelityRig {
    /** Copies source to target, from which nothing may be missing. */
    abstract void copy() throws Exception;

    private void requireEqualCopy() throws Exception {
        copy();
        assertThat(Trees.describe(target)).isEqualTo(Trees.describe(source));
    }

    @Test
    void files_and_empty_directories_keep_modes_and_nanoseconds() throws Exception {
        file("empty", "");
        file("text", "some text");
        POSIX.fchmodat(fd, bytes("text"), 0415);
        POSIX.utimensat(fd, bytes("text"), 1_234_567_890, 123_456_789);
        POSIX.utimensat(fd, bytes("empty"), -5, 1);
        POSIX.mkdirat(fd, bytes("nothing in it"), 0700);
        POSIX.fchmodat(fd, bytes("nothing in it"), 01751);
        POSIX.utimensat(fd, bytes("nothing in it"), 1_000_000_000, 999_999_999);
        POSIX.futimens(fd, 5_000_000_000L, 7);
        requireEqualCopy();
    }

    @Test
    void hard_links_stay_one_file() throws Exception {
        file("a", "shared");
        POSIX.mkdirat(fd, bytes("d"), 0755);
        int d = POSIX.openat(fd, bytes("d"), Flag.O_DIRECTORY, 0);
        POSIX.linkat(fd, bytes("a"), d, bytes("b"));
        POSIX.linkat(fd, bytes("a"), fd, bytes("c"));
        POSIX.close(d);
        requireEqualCopy();
        assertThat(Trees.describe(target)).extractingByKey("/d/b").asString().contains("links 3", "same as /a");
    }

    @Test
    void symbolic_links_keep_target_and_own_time() throws Exception {
        POSIX.symlinkat(bytes("/no/such/place"), fd, bytes("dangling"));
        POSIX.symlinkat(new byte[] {(byte) 0xff, '\n', '.'}, fd, bytes("bytes"));
        byte[] longest = new byte[4000];
        Arrays.fill(longest, (byte) 'x');
        POSIX.symlinkat(longest, fd, bytes("long"));
        POSIX.utimensat(fd, bytes("dangling"), 1_111_111_111, 222_222_222);
        requireEqualCopy();
    }

    @Test
    void owners_also_of_links_are_restored() throws Exception {
        assumeTrue(root, "only root may give a file away");
        file("f", "x");
        POSIX.symlinkat(bytes("f"), fd, bytes("l"));
        POSIX.fchownat(fd, bytes("f"), OTHER, OTHER + 1);
        POSIX.fchownat(fd, bytes("l"), OTHER + 2, -2);
        POSIX.fchmodat(fd, bytes("f"), 06755);
        requireEqualCopy();
    }

    @Test
    void set_id_and_sticky_bits_are_kept() throws Exception {
        file("suid", "x");
        POSIX.fchmodat(fd, bytes("suid"), 04755);
        file("sgid", "x");
        POSIX.fchmodat(fd, bytes("sgid"), 02750);
        POSIX.mkdirat(fd, bytes("sticky"), 0755);
        POSIX.fchmodat(fd, bytes("sticky"), 03777);
        requireEqualCopy();
    }

    @Test
    void user_attributes_are_kept_on_files_and_directories() throws Exception {
        file("f", "x");
        POSIX.mkdirat(fd, bytes("d"), 0755);
        byte[] value = new byte[1500];
        new Random(11).nextBytes(value);
        POSIX.lsetxattr(fd, bytes("f"), bytes("user.big"), value);
        POSIX.lsetxattr(fd, bytes("f"), bytes("user.empty"), new byte[0]);
        POSIX.lsetxattr(fd, bytes("d"), bytes("user.grüße"), bytes("v"));
        POSIX.fchmodat(fd, bytes("f"), 0444);
        requireEqualCopy();
    }

    @Test
    void acls_and_default_acls_are_kept() throws Exception {
        file("f", "x");
        POSIX.mkdirat(fd, bytes("d"), 0755);
        byte[] acl = Trees.acl(6, OTHER, 4, 4, 6, 0);
        POSIX.lsetxattr(fd, bytes("f"), Attributes.ACCESS_ACL, acl);
        POSIX.lsetxattr(fd, bytes("d"), Attributes.ACCESS_ACL, Trees.acl(7, OTHER, 5, 5, 7, 0));
        POSIX.lsetxattr(fd, bytes("d"), Attributes.DEFAULT_ACL, acl);
        POSIX.fsetxattr(fd, Attributes.DEFAULT_ACL, acl);
        requireEqualCopy();
    }

    @Test
    void acls_of_the_surroundings_are_not_inherited() throws Exception {
        file("f", "x");
        POSIX.mkdirat(fd, bytes("d"), 0755);
        int around = POSIX.openat(Flag.AT_FDCWD, Names.bytes(temp), Flag.O_DIRECTORY, 0);
        POSIX.fsetxattr(around, Attributes.DEFAULT_ACL, Trees.acl(7, OTHER, 5, 5, 7, 0));
        POSIX.close(around);
        requireEqualCopy();
    }

    @Test
    void trusted_attributes_and_capabilities_are_restored() throws Exception {
        assumeTrue(root, "only root may set them");
        file("f", "x");
        POSIX.symlinkat(bytes("f"), fd, bytes("l"));
        POSIX.fchownat(fd, bytes("f"), OTHER, OTHER);
        POSIX.lsetxattr(fd, bytes("f"), bytes("trusted.t"), bytes("secret"));
        POSIX.lsetxattr(fd, bytes("f"), bytes("security.capability"), Trees.netBindService());
        POSIX.lsetxattr(fd, bytes("l"), bytes("trusted.link"), bytes("own"));
        requireEqualCopy();
        assertThat(Trees.describe(target)).extractingByKey("/f").asString().contains("security.capability");
    }

    @Test
    void fifos_and_sockets_are_made_again() throws Exception {
        POSIX.mknodat(fd, bytes("fifo"), Flag.S_IFIFO | 0622, 0);
        POSIX.mknodat(fd, bytes("socket"), Flag.S_IFSOCK | 0700, 0);
        POSIX.utimensat(fd, bytes("fifo"), 99, 98);
        requireEqualCopy();
    }

    @Test
    void devices_are_made_again() throws Exception {
        assumeTrue(mayMakeDevices(), "this user may make no device, not even to take it");
        POSIX.mknodat(fd, bytes("char"), Flag.S_IFCHR | 0666, DEVICE);
        POSIX.mknodat(fd, bytes("block"), Flag.S_IFBLK | 0600, DEVICE);
        requireEqualCopy();
        assertThat(Trees.describe(target)).extractingByKey("/char").asString().contains("rdev " + DEVICE);
    }

    @Test
    void names_of_any_bytes_are_kept() throws Exception {
        byte[] longest = new byte[255];
        Arrays.fill(longest, (byte) 'n');
        byte[] allBytes = new byte[253];
        for (int i = 0, value = 1; i < allBytes.length; value++) {
            if (value != '/') {
                allBytes[i++] = (byte) value;
            }
        }
        for (byte[] name : List.of(
                longest,
                allBytes,
                bytes("new\nline"),
                bytes(" "),
                bytes("..."),
                bytes("-rf *"),
                bytes("\\"),
                new byte[] {(byte) 0xc3, 0x28},
                new byte[] {(byte) 0xff})) {
            file(name, name);
        }
        POSIX.mkdirat(fd, new byte[] {(byte) 0xfe, '\t'}, 0755);
        requireEqualCopy();
        assertThat(Trees.describe(target)).hasSize(11);
    }

    @Test
    void sparse_files_stay_sparse() throws Exception {
        int opened = POSIX.openat(fd, bytes("sparse"), Flag.O_CREAT | Flag.O_RDWR, 0600);
        POSIX.ftruncate(opened, 64 << 20);
        byte[] page = new byte[4096];
        new Random(12).nextBytes(page);
        Content.write(opened, page, 0, page.length, 10 << 20);
        Content.write(opened, page, 0, page.length, 40 << 20);
        POSIX.close(opened);
        requireEqualCopy();
        try (SourceDirectory from = SourceDirectory.open(source);
                SourceDirectory to = SourceDirectory.open(target);
                SourceFile copied = to.openFile(bytes("sparse"))) {
            long allowed = from.stat(bytes("sparse")).blocks() + 64;
            assertThat(to.stat(bytes("sparse")).blocks()).isLessThanOrEqualTo(allowed);
            assertThat(copied.nextData(0)).isEqualTo(10 << 20);
            assertThat(copied.nextHole(10 << 20)).isEqualTo((10 << 20) + 4096);
            assertThat(copied.nextData(41 << 20)).isEqualTo(-1);
            assertThat(copied.nextData(64 << 20)).isEqualTo(-1);
            assertThat(copied.nextHole(64 << 20)).isEqualTo(64 << 20);
        }
    }

    @Test
    void paths_longer_than_the_kernel_takes_are_kept() throws Exception {
        byte[] name = new byte[200];
        Arrays.fill(name, (byte) 'd');
        List<Integer> open = new ArrayList<>();
        int at = fd;
        for (int depth = 0; depth < 40; depth++) {
            POSIX.mkdirat(at, name, 0755);
            at = POSIX.openat(at, name, Flag.O_DIRECTORY, 0);
            open.add(at);
        }
        POSIX.close(POSIX.openat(at, bytes("bottom"), Flag.O_CREAT | Flag.O_EXCL | Flag.O_RDWR, 0600));
        POSIX.lsetxattr(at, bytes("bottom"), bytes("user.deep"), bytes("yes"));
        for (int each : open) {
            POSIX.close(each);
        }
        requireEqualCopy();
        assertThat(Trees.describe(target)).hasSize(42).anySatisfy((path, text) -> {
            assertThat(path).hasSizeGreaterThan(8000).endsWith("/bottom");
            assertThat(text).contains("user.deep");
        });
    }
}
