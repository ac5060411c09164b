package dev.holdfast.transfer.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.repository.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    Path folder;

    private Path target;
    private Path file;

    @BeforeEach
    void begin_a_restore() throws Exception {
        target = folder.resolve("target");
        file = Journal.beside(target, "s");
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, false);
                Journal journal = Journal.open(file, "snap", destination)) {
            Files.createFile(target.resolve("something"));
            journal.done(0);
            journal.done(7);
            journal.checkpoint(destination);
            journal.done(3);
        }
    }

    /** What the journal holds after it was opened once more; {@code now} is done and not made durable. */
    private BitSet reopened(int... now) throws IOException, TransferException {
        BitSet done = new BitSet();
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal journal = Journal.open(file, "other", destination)) {
            for (int task = 0; task < 100; task++) {
                done.set(task, journal.isDone(task));
            }
            for (int task : now) {
                journal.done(task);
            }
        }
        return done;
    }

    /** Simulates another start of the machine: the journal was written under another boot id. */
    static void restartMachine(Path journal) throws IOException {
        String boot =
                Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        byte[] bytes = Files.readAllBytes(journal);
        String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(text).contains(boot);
        String other = "00000000-0000-4000-8000-000000000000";
        Files.write(journal, text.replace(boot, other).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    @Test
    void after_a_crash_of_the_process_everything_counts() throws Exception {
        assertThat(reopened(50)).hasToString("{0, 3, 7}");
        assertThat(reopened()).hasToString("{0, 3, 7, 50}");
        assertThat(Journal.snapshotIn(file)).isEqualTo("snap");
    }

    @Test
    void after_a_crash_of_the_machine_what_was_made_durable_counts_and_nothing_else() throws Exception {
        restartMachine(file);
        assertThat(reopened(50)).hasToString("{0, 7}");
        restartMachine(file);
        assertThat(reopened()).hasToString("{0, 7}");
    }

    @Test
    void a_mark_covers_what_was_done_before_the_sync_began() throws Exception {
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal journal = Journal.open(file, "snap", destination)) {
            journal.checkpoint(destination);
            journal.done(9);
        }
        restartMachine(file);
        assertThat(reopened()).hasToString("{0, 3, 7}");
    }

    @Test
    void a_torn_or_lost_end_is_cut_off() throws Exception {
        Files.write(file, new byte[] {8, 0, 0, 0, 0}, StandardOpenOption.APPEND);
        assertThat(reopened(8)).hasToString("{0, 3, 7}");
        Files.write(file, new byte[24], StandardOpenOption.APPEND);
        assertThat(reopened()).hasToString("{0, 3, 7, 8}");
    }

    @Test
    void a_target_that_was_emptied_begins_anew() throws Exception {
        Files.delete(target.resolve("something"));
        assertThat(reopened(5)).hasToString("{}");
        Files.delete(target);
        assertThat(reopened()).hasToString("{}");
        Files.createFile(target.resolve("something"));
        assertThat(reopened(5)).hasToString("{}");
        assertThat(reopened()).hasToString("{5}");
    }

    @Test
    void another_directory_in_the_place_of_the_target_is_refused() throws Exception {
        Files.move(target, folder.resolve("moved"));
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("something"), "precious");
        Files.createSymbolicLink(target, outside);
        assertThatThrownBy(this::reopened)
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.code()).isEqualTo(Code.TARGET_NOT_EMPTY))
                .hasMessageContaining("another directory")
                .hasMessageContaining(file.toString());
        assertThat(outside.resolve("something")).hasContent("precious");
    }

    @Test
    void a_file_that_is_no_journal_is_left_alone() throws Exception {
        Files.writeString(file, "shopping list");
        assertThatThrownBy(() -> Journal.snapshotIn(file))
                .isInstanceOf(TransferException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("move it away");
        assertThat(file).hasContent("shopping list");
    }
}
