package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.tree.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The first line of a journal.
 *
 * @param version 4; what earlier releases have begun is of version 2, without device and birth of the target, or 3.
 *     Both numbered their tasks in another way
 * @param boot id of the run of the machine that wrote the records behind it
 */
record JournalHeader(int version, String snapshot, Identity target, String boot) {
    static final int VERSION = 4;

    private static final String MAGIC = "holdfast-restore-";
    private static final int LENGTH_MAX = 4096;

    /** Of a journal that this process does not hold: to close a file gives up every lock that it has on it. */
    static JournalHeader in(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return of(in.readNBytes(LENGTH_MAX), file);
        }
    }

    /** Of a journal that is open here. */
    static JournalHeader in(RandomAccessFile open, Path file) throws IOException {
        byte[] bytes = new byte[(int) Math.min(LENGTH_MAX, open.length())];
        open.seek(0);
        open.readFully(bytes);
        return of(bytes, file);
    }

    private static JournalHeader of(byte[] bytes, Path file) throws IOException {
        String line = new String(bytes, 0, lineIn(bytes), StandardCharsets.UTF_8);
        List<String> words = List.of(line.split(" ", -1));
        try {
            if (words.size() == 4 && words.getFirst().equals(MAGIC + 2)) {
                return new JournalHeader(
                        2, words.get(1), new Identity(0, Long.parseLong(words.get(2)), 0), words.get(3));
            }
            boolean now = words.getFirst().equals(MAGIC + VERSION);
            if (words.size() == 6 && (now || words.getFirst().equals(MAGIC + 3))) {
                Identity target = new Identity(
                        Long.parseLong(words.get(2)), Long.parseLong(words.get(3)), Long.parseLong(words.get(4)));
                return new JournalHeader(now ? VERSION : 3, words.get(1), target, words.get(5));
            }
        } catch (NumberFormatException other) {
            // Said below.
        }
        throw new IOException(file + " is not a journal of a restore, or of another version of holdfast;"
                + " move it away and restore to an empty target");
    }

    /**
     * Whether both speak of the same target. The number of a device may be another one after a start of the machine, or
     * when a volume is brought back: it says something only where the birth does not. Of what has no inode for its
     * identity, a device or an image, the birth decides.
     */
    boolean isOf(JournalHeader now) {
        boolean born = target.birth() != 0 && now.target.birth() != 0;
        return same(target.inode(), now.target.inode())
                && (born
                        ? target.birth() == now.target.birth()
                        : !boot.equals(now.boot) || same(target.device(), now.target.device()));
    }

    /** Whether what was written then is still in the memory of this machine, if not on the disk. */
    boolean isOfThisRun(JournalHeader now) {
        return boot.equals(now.boot) && same(target.device(), now.target.device());
    }

    /** What is not known says nothing. */
    private static boolean same(long one, long other) {
        return one == 0 || other == 0 || one == other;
    }

    byte[] bytes() {
        String text = MAGIC + VERSION + " " + snapshot + " " + target.device() + " " + target.inode() + " "
                + target.birth() + " " + boot + "\n";
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
