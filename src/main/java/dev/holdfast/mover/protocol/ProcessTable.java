package dev.holdfast.mover.protocol;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What {@code /proc} says about processes. Identity is boot id, pid and raw start ticks together. */
public final class ProcessTable {
    private static final int START_TICKS_AFTER_NAME = 19; // field 22; the first one after the name is field 3

    private final Path root;

    /** Reads below {@code root}, normally {@code /proc}. */
    public ProcessTable(Path root) {
        this.root = root;
    }

    /** One process as it was a moment ago. */
    public record Entry(char state, long startTicks) {
        /** Ended already, only not yet collected by its parent. */
        public boolean zombie() {
            return state == 'Z' || state == 'X' || state == 'x';
        }
    }

    /** Changes with every start of the machine. */
    public String bootId() throws IOException {
        return Files.readString(root.resolve("sys/kernel/random/boot_id")).strip();
    }

    /** The process with this id; empty if there is none. */
    public Optional<Entry> entry(long pid) {
        String stat;
        try {
            // The name of a program may hold any byte.
            stat = Files.readString(root.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return Optional.empty(); // Gone, or gone while it was read.
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        if (fields.length <= START_TICKS_AFTER_NAME) {
            return Optional.empty();
        }
        return Optional.of(new Entry(fields[0].charAt(0), Long.parseLong(fields[START_TICKS_AFTER_NAME])));
    }
}
