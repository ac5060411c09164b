package dev.holdfast.mover.protocol;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What {@code /proc} says about processes. Identity is boot id, pid and raw start ticks together. */
public final class ProcessTable {
    /** Where fields are, counted from the first one after the name, which is field 3. */
    private static final int USER_TICKS = 11;

    private static final int SYSTEM_TICKS = 12;
    private static final int THREADS = 17;
    private static final int START_TICKS = 19;

    private final Path root;

    /** Reads below {@code root}, normally {@code /proc}. */
    public ProcessTable(Path root) {
        this.root = root;
    }

    /**
     * One process as it was a moment ago.
     *
     * @param state of its first thread
     * @param cpuTicks processor time of all its threads
     */
    public record Entry(char state, int threads, long cpuTicks, long startTicks) {
        /**
         * Ended already, only not yet collected by its parent. A first thread that has ended does not mean that: others
         * may still wait for a disk, with all their files open.
         */
        public boolean zombie() {
            return "ZXx".indexOf(state) >= 0 && threads <= 1;
        }
    }

    /** Changes with every start of the machine. */
    public String bootId() throws IOException {
        return Files.readString(root.resolve("sys/kernel/random/boot_id")).strip();
    }

    /**
     * The process with this id; empty if there is none.
     *
     * @throws IOException if it could not be looked at, which says nothing about whether it is there
     */
    public Optional<Entry> entry(long pid) throws IOException {
        Path process = root.resolve(Long.toString(pid));
        try {
            String[] fields = fields(process.resolve("stat"));
            return Optional.of(new Entry(
                    fields[0].charAt(0),
                    Integer.parseInt(fields[THREADS]),
                    Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]),
                    Long.parseLong(fields[START_TICKS])));
        } catch (IOException e) {
            if (Files.notExists(process)) {
                return Optional.empty(); // Gone, or gone while it was read.
            }
            throw e;
        }
    }

    /** Whether a thread of this process runs, waits for a processor, or waits for a disk. */
    public boolean busy(long pid) throws IOException {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(root.resolve(pid + "/task"))) {
            for (Path thread : threads) {
                if (busy(thread)) {
                    return true;
                }
            }
            return false;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static boolean busy(Path thread) throws IOException {
        try {
            char state = fields(thread.resolve("stat"))[0].charAt(0);
            return state == 'R' || state == 'D';
        } catch (IOException e) {
            if (Files.notExists(thread)) {
                return false;
            }
            throw e;
        }
    }

    private static String[] fields(Path stat) throws IOException {
        // The name of a program may hold any byte.
        String text = Files.readString(stat, StandardCharsets.ISO_8859_1);
        String[] fields = text.substring(text.lastIndexOf(')') + 1).strip().split(" ");
        if (fields.length <= START_TICKS) {
            throw new IOException(stat + " has " + fields.length + " fields");
        }
        return fields;
    }
}
