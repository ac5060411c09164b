package dev.holdfast.transfer.tree;

import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.Posix;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Tells one directory, file or block device from another in its place. The root of every volume has the same number;
 * when it was made does not repeat.
 *
 * @param device number of its file system, for as long as that is mounted; 0 when not known
 * @param inode its number in that
 * @param birth nanoseconds; 0 where the file system does not keep it
 */
public record Identity(long device, long inode, long birth) {
    /** Of what is at a path, symbolic links followed. */
    public static Identity of(Path path) throws IOException {
        Posix posix = Posix.host();
        try (Descriptor opened = new Descriptor(posix.openat(Flag.AT_FDCWD, Names.bytes(path), Flag.O_RDONLY, 0))) {
            var stat = posix.fstatx(opened.fd());
            return new Identity(stat.device(), stat.inode(), posix.birth(opened.fd()));
        }
    }
}
