package dev.holdfast.transfer.tree;

import static dev.holdfast.transfer.tree.Trees.POSIX;
import static dev.holdfast.transfer.tree.Trees.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.PosixException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A source to be filled with all that a file system knows, and a place for its copy. */
abstract class FidelityRig {
    static final int OTHER = 12_345;

    /** Of a device that no driver answers for. */
    static final long DEVICE = (259L & 0xfff) << 8 | (70_000L & 0xff) | (70_000L & ~0xffL) << 12;

    @TempDir
    Path temp;

    Path source;
    Path target;
    int fd;
    boolean root;

    @BeforeEach
    void make_source() throws Exception {
        source = temp.resolve("source");
        target = temp.resolve("target");
        POSIX.mkdirat(Flag.AT_FDCWD, Names.bytes(source), 0755);
        fd = POSIX.openat(Flag.AT_FDCWD, Names.bytes(source), Flag.O_DIRECTORY, 0);
        root = Trees.isRoot(source);
    }

    @AfterEach
    void remove_everything() throws Exception {
        POSIX.close(fd);
        Trees.clear(temp);
    }

    void file(String name, String content) throws Exception {
        file(bytes(name), bytes(content));
    }

    void file(byte[] name, byte[] content) throws Exception {
        int opened = POSIX.openat(fd, name, Flag.O_CREAT | Flag.O_RDWR | Flag.O_EXCL, 0640);
        Content.write(opened, content, 0, content.length, 0);
        POSIX.close(opened);
    }

    /** Root may do without, in a container or in a user namespace. */
    boolean mayMakeDevices() throws Exception {
        try {
            POSIX.mknodat(fd, bytes("probe"), Flag.S_IFCHR | 0600, DEVICE);
        } catch (PosixException e) {
            assertThat(e.errno()).isEqualTo(Errno.EPERM);
            return false;
        }
        POSIX.unlinkat(fd, bytes("probe"), 0);
        return true;
    }
}
