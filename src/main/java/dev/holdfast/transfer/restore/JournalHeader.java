package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.tree.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The first line of a journal.
 *
 * @param version 3; what an earlier release has begun is of version 2: without device and birth of the target, and
 *     without warnings
 * @param boot id of the run of the machine that wrote the records behind it
 */
record JournalHeader(int version, String snapshot, Identity target, String boot) {
    static final int VERSION = 3;

    private static final String MAGIC = "holdfast-restore-";
    private static final int LENGTH_MAX = 4096;

    static JournalHeader in(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LENGTH_MAX);
        }
        String line = new String(bytes, 0, lineIn(bytes), StandardCharsets.UTF_8);
        List<String> words = List.of(line.split(" ", -1));
        try {
            if (words.size() == 4 && words.getFirst().equals(MAGIC + 2)) {
                return new JournalHeader(
                        2, words.get(1), new Identity(0, Long.parseLong(words.get(2)), 0), words.get(3));
            }
            if (words.size() == 6 && words.getFirst().equals(MAGIC + VERSION)) {
                Identity target = new Identity(
                        Long.parseLong(words.get(2)), Long.parseLong(words.get(3)), Long.parseLong(words.get(4)));
                return new JournalHeader(VERSION, words.get(1), target, words.get(5));
            }
        } catch (NumberFormatException other) {
            // Said below.
        }
        throw new IOException(file + " is not a journal of a restore, or of another version of holdfast;"
                + " move it away and restore to an empty target");
    }

    /**
     * Whether both speak of the same target; the number of a device may be another one after a start of the machine.
     */
    boolean isOf(JournalHeader now) {
        return target.inode() == now.target.inode()
                && same(target.birth(), now.target.birth())
                && (!boot.equals(now.boot) || same(target.device(), now.target.device()));
    }

    /** What is not known says nothing. */
    private static boolean same(long one, long other) {
        return one == 0 || other == 0 || one == other;
    }

    byte[] bytes() {
        String text = version == VERSION
                ? MAGIC + VERSION + " " + snapshot + " " + target.device() + " " + target.inode() + " " + target.birth()
                        + " " + boot + "\n"
                : MAGIC + version + " " + snapshot + " " + target.inode() + " " + boot + "\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Bytes of the first line, without its end. */
    private static int lineIn(byte[] bytes) {
        int line = 0;
        while (line < bytes.length && bytes[line] != '\n') {
            line++;
        }
        return line;
    }
}
