package dev.holdfast.transfer.catalog;

import dev.holdfast.transfer.repository.ChunkHasher;
import dev.holdfast.transfer.tree.Node;
import java.util.Arrays;

/**
 * Names a unit of work by where it is and what it looked like: a record is found again only while the file is
 * untouched. A key is the first 16 bytes of the keyed hash of its parts.
 */
public final class RecordKey {
    /** Bytes of a key. */
    public static final int LENGTH = 16;

    private static final byte[] ROOT = new byte[LENGTH];

    private RecordKey() {}

    /** Of the root of a source. */
    public static byte[] root() {
        return ROOT.clone();
    }

    /** Of what says which directory the source is. */
    public static byte[] source(ChunkHasher hasher) {
        return hash(hasher, new Encoder().number(3));
    }

    /** Of a directory in the directory of key {@code parent}. */
    public static byte[] directory(ChunkHasher hasher, byte[] parent, byte[] name) {
        return hash(hasher, new Encoder().number(1).raw(parent).string(name));
    }

    /** Of one region of a file in the directory of key {@code parent}. */
    public static byte[] region(ChunkHasher hasher, byte[] parent, byte[] name, Node node, long region) {
        return hash(
                hasher,
                new Encoder()
                        .number(2)
                        .raw(parent)
                        .string(name)
                        .number(region)
                        .number(node.size())
                        .number(node.mtimeSeconds())
                        .number(node.mtimeNanos())
                        .number(node.ctimeSeconds())
                        .number(node.ctimeNanos())
                        .number(node.inode())
                        .number(node.mode()));
    }

    private static byte[] hash(ChunkHasher hasher, Encoder parts) {
        byte[] bytes = parts.bytes();
        return Arrays.copyOf(hasher.id(bytes, 0, bytes.length).bytes(), LENGTH);
    }
}
