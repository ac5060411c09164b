package dev.holdfast.transfer.tree;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.Posix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Copies, describes and removes whole trees with nothing but the code under test. */
final class Trees {
    private static final int AT_REMOVEDIR = 0x200;
    static final Posix POSIX = Posix.host();
    static final WarningSink FORBIDDEN = (kind, message) -> {
        throw new AssertionError(kind + ": " + message);
    };

    private Trees() {}

    static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    static boolean isRoot(Path path) throws IOException {
        try (SourceDirectory directory = SourceDirectory.open(path)) {
            return directory.describeSelf(FORBIDDEN).uid() == 0;
        }
    }

    /** user::, user:id:, group::, mask::, other:: in the kernel's form. */
    static byte[] acl(int user, int id, int named, int group, int mask, int other) {
        ByteBuffer acl =
                ByteBuffer.allocate(4 + 5 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
        acl.putShort((short) 1).putShort((short) user).putInt(-1);
        acl.putShort((short) 2).putShort((short) named).putInt(id);
        acl.putShort((short) 4).putShort((short) group).putInt(-1);
        acl.putShort((short) 16).putShort((short) mask).putInt(-1);
        acl.putShort((short) 32).putShort((short) other).putInt(-1);
        return acl.array();
    }

    /** A file capability, as {@code security.capability} holds it. */
    static byte[] netBindService() {
        ByteBuffer capability = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        return capability.putInt(0x02000001).putInt(1 << 10).array();
    }

    /** What must be equal of two trees: by path the metadata, the content, and which names are one entry. */
    static Map<String, String> describe(Path root) throws IOException {
        Map<String, String> described = new TreeMap<>();
        try (SourceDirectory directory = SourceDirectory.open(root)) {
            describe(directory, "", new HashMap<>(), described);
        }
        return described;
    }

    private static void describe(
            SourceDirectory directory, String path, Map<Long, String> links, Map<String, String> to)
            throws IOException {
        to.put(path + "/", text(directory.describeSelf(FORBIDDEN)));
        for (byte[] name : directory.names()) {
            String child = path + "/" + new String(name, StandardCharsets.ISO_8859_1);
            Node node = directory.describe(name, directory.stat(name), FORBIDDEN);
            if (node.type() == Node.Type.DIRECTORY) {
                try (SourceDirectory opened = directory.open(name)) {
                    describe(opened, child, links, to);
                }
                continue;
            }
            String first = links.computeIfAbsent(node.inode(), inode -> child);
            to.put(child, text(node) + " same as " + first + content(directory, name, node));
        }
    }

    private static String content(SourceDirectory directory, byte[] name, Node node) throws IOException {
        if (node.type() != Node.Type.FILE) {
            return "";
        }
        try (SourceFile file = directory.openFile(name)) {
            byte[] content = new byte[(int) file.size()];
            int read = file.read(content, 0, content.length, 0);
            return " content " + read + " " + Arrays.hashCode(content);
        }
    }

    private static String text(Node node) {
        List<String> attributes = new ArrayList<>();
        for (Xattr xattr : node.xattrs()) {
            attributes.add(xattr.label() + Arrays.toString(xattr.value()));
        }
        byte[] target = node.linkTarget();
        return node.type() + " " + Integer.toOctalString(node.mode()) + " " + node.uid() + ":" + node.gid() + " "
                + node.size() + " " + node.mtimeSeconds() + "." + node.mtimeNanos() + " links "
                + (node.type() == Node.Type.DIRECTORY ? 0 : node.links()) + " rdev " + node.rdev() + " to "
                + (target == null ? "-" : new String(target, StandardCharsets.ISO_8859_1)) + " " + attributes;
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Place(TargetDirectory directory, byte[] name) {}

    /** Restores {@code source} into {@code target} the way the engine does: content, then metadata bottom-up. */
    static void copy(Path source, Path target, WarningSink sink) throws IOException, TransferException {
        try (SourceDirectory from = SourceDirectory.open(source);
                TargetDirectory to = TargetDirectory.prepare(target)) {
            List<TargetDirectory> opened = new ArrayList<>();
            copy(from, to, new HashMap<>(), opened, sink);
            for (TargetDirectory directory : opened) {
                directory.close();
            }
        }
    }

    private static void copy(
            SourceDirectory from,
            TargetDirectory to,
            Map<Long, Place> links,
            List<TargetDirectory> opened,
            WarningSink sink)
            throws IOException, TransferException {
        for (byte[] name : from.names()) {
            Node node = from.describe(name, from.stat(name), sink);
            if (node.type() == Node.Type.DIRECTORY) {
                TargetDirectory made = to.makeDirectory(name);
                opened.add(made);
                try (SourceDirectory child = from.open(name)) {
                    copy(child, made, links, opened, sink);
                }
                continue;
            }
            Place first = links.putIfAbsent(node.inode(), new Place(to, name));
            if (first != null) {
                to.hardLink(first.directory(), first.name(), name);
            } else {
                make(from, to, name, node, sink);
            }
        }
        to.applySelf(from.describeSelf(sink), sink);
    }

    private static void make(SourceDirectory from, TargetDirectory to, byte[] name, Node node, WarningSink sink)
            throws IOException, TransferException {
        switch (node.type()) {
            case FILE -> {
                try (SourceFile in = from.openFile(name);
                        TargetFile out = to.createFile(name)) {
                    copyContent(in, out);
                    out.apply(node, sink);
                }
            }
            case SYMLINK -> {
                byte[] target = node.linkTarget();
                if (target == null) {
                    throw new AssertionError("a link without target");
                }
                to.symlink(name, target);
                to.apply(name, node, sink);
            }
            case FIFO, SOCKET, CHAR, BLOCK -> {
                if (to.special(name, node, sink)) {
                    to.apply(name, node, sink);
                }
            }
            case DIRECTORY -> throw new AssertionError("directories are handled by the caller");
        }
    }

    private static void copyContent(SourceFile in, TargetFile out) throws IOException {
        long size = in.size();
        out.truncate(size);
        byte[] buffer = new byte[1 << 20];
        long position = in.nextData(0);
        while (position >= 0) {
            long end = in.nextHole(position);
            while (position < end) {
                int length = (int) Math.min(buffer.length, end - position);
                int read = in.read(buffer, 0, length, position);
                out.write(buffer, 0, read, position);
                position += read;
            }
            position = in.nextData(end);
        }
    }

    /** Removes everything in a directory, however deep. */
    static void clear(Path root) throws IOException {
        int fd = POSIX.openat(Flag.AT_FDCWD, Names.bytes(root), Flag.O_DIRECTORY, 0);
        clear(fd);
        POSIX.close(fd);
    }

    private static void clear(int fd) throws IOException {
        for (byte[] name : SourceDirectory.list(fd)) {
            boolean directory = POSIX.statx(fd, name).format() == Flag.S_IFDIR;
            if (directory) {
                POSIX.fchmodat(fd, name, 0700);
                int child = POSIX.openat(fd, name, Flag.O_DIRECTORY | Flag.O_NOFOLLOW, 0);
                clear(child);
                POSIX.close(child);
            }
            POSIX.unlinkat(fd, name, directory ? AT_REMOVEDIR : 0);
        }
    }
}
