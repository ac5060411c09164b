package dev.holdfast.transfer.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.repository.Snapshot;
import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
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
        file = JournalPlace.beside(target, "s");
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
    void warnings_that_a_short_write_left_without_their_task_are_not_counted_with_the_next() throws Exception {
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal journal = Journal.open(file, "other", destination)) {
            journal.done(8, Map.of(Kind.XATTR, 2L));
        }
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - JournalRecord.LENGTH));
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal journal = Journal.open(file, "other", destination)) {
            journal.done(8, Map.of(Kind.XATTR, 2L));
        }
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal journal = Journal.open(file, "other", destination)) {
            assertThat(journal.warned()).containsExactly(Map.entry(Kind.XATTR, 2L));
        }
    }

    @Test
    void more_tasks_than_are_read_or_written_at_once_all_count() throws Exception {
        BitSet expected = reopened();
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal journal = Journal.open(file, "other", destination)) {
            for (int task = 100; task < 10_000; task++) {
                journal.done(task, task % 1000 == 0 ? Map.of(Kind.XATTR, 1L) : Map.of());
                expected.set(task);
            }
            journal.checkpoint(destination);
        }
        for (boolean restarted : new boolean[] {false, true}) {
            if (restarted) {
                restartMachine(file);
            }
            try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                    Journal journal = Journal.open(file, "other", destination)) {
                assertThat(java.util.stream.IntStream.range(0, 11_000).filter(journal::isDone))
                        .containsExactlyElementsOf(expected.stream().boxed().toList());
                assertThat(journal.warned()).containsExactly(Map.entry(Kind.XATTR, 9L));
            }
        }
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

    /** The number of the volume's file system is another one than that of the folder it was mounted in. */
    @Test
    void an_empty_directory_where_a_volume_was_mounted_is_refused() throws Exception {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        String[] words = text.substring(0, text.indexOf('\n')).split(" ", -1);
        words[2] = Long.toString(Long.parseLong(words[2]) + 1);
        words[3] = Long.toString(Long.parseLong(words[3]) + 1);
        Files.writeString(
                file, String.join(" ", words) + text.substring(text.indexOf('\n')), StandardCharsets.ISO_8859_1);
        Files.delete(target.resolve("something"));

        assertThatThrownBy(this::reopened)
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.code()).isEqualTo(Code.TARGET_AWAY))
                .hasMessageContaining("mount");
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
                .hasMessageContaining("another one")
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

    /** A second sync would succeed, and say nothing of what the first one has lost. */
    @Test
    void after_a_failed_sync_nothing_counts_but_what_a_mark_covers() throws Exception {
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal journal = Journal.open(file, "snap", destination)) {
            journal.done(50);
            assertThatThrownBy(() -> journal.sync(() -> {
                        throw new IOException("lost");
                    }))
                    .hasMessage("lost");
            journal.done(51);
            assertThatThrownBy(() -> journal.checkpoint(destination)).hasMessage("lost");
        }
        assertThat(reopened(8)).hasToString("{0, 7}");
        assertThat(reopened()).hasToString("{0, 7, 8}");
    }

    @Test
    void warnings_count_with_the_task_that_gave_them() throws Exception {
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal journal = Journal.open(file, "snap", destination)) {
            journal.done(10, Map.of(Kind.OWNER, 3L, Kind.XATTR, 1L));
            journal.checkpoint(destination);
            journal.done(11, Map.of(Kind.OWNER, 2L));
        }
        assertThat(warned()).isEqualTo(Map.of(Kind.OWNER, 5L, Kind.XATTR, 1L));
        restartMachine(file);
        assertThat(warned()).isEqualTo(Map.of(Kind.OWNER, 3L, Kind.XATTR, 1L));
        assertThat(reopened()).hasToString("{0, 3, 7, 10}");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 24)); // the last task, and its mark
        assertThat(warned()).isEqualTo(Map.of(Kind.OWNER, 3L, Kind.XATTR, 1L));
    }

    private Map<Kind, Long> warned() throws IOException, TransferException {
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal journal = Journal.open(file, "snap", destination)) {
            return journal.warned();
        }
    }

    @Test
    void the_journal_of_an_earlier_release_keeps_its_target_and_none_of_its_tasks() throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        int line = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf('\n');
        String[] words = new String(bytes, 0, line, java.nio.charset.StandardCharsets.ISO_8859_1).split(" ");
        byte[] header = ("holdfast-restore-2 snap " + words[3] + " " + words[5])
                .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        var old = new java.io.ByteArrayOutputStream();
        old.write(header);
        old.write(bytes, line, bytes.length - line);
        Files.write(file, old.toByteArray());
        assertThat(reopened(50)).hasToString("{}");
        assertThat(warned()).isEmpty();
        assertThat(reopened()).hasToString("{50}");
    }

    /** A lock that another process would see: those of one process do not keep it from its own files. */
    @Test
    void a_journal_that_is_gone_on_with_is_locked() throws Exception {
        String inode = ":" + Files.getAttribute(file, "unix:ino") + " ";
        assertThat(Files.readString(Path.of("/proc/locks"))).doesNotContain(inode);
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal _ = Journal.open(file, "snap", destination)) {
            assertThat(Files.readString(Path.of("/proc/locks"))).contains(inode);
        }
    }

    /** Movers have a directory each, a standalone restore is above them; to look at one's own would unlock it. */
    @Test
    void journals_of_one_device_are_found_wherever_sessions_keep_them() throws Exception {
        Path state = folder.resolve("state");
        Path first = Files.createDirectories(state.resolve("movers/s1")).resolve("sda.holdfast-s1");
        Path second = Files.createDirectories(state.resolve("movers/s2")).resolve("by-id.holdfast-s2");
        Path alone = state.resolve("sda.holdfast-s3");
        for (Path ended : List.of(second, alone)) {
            try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true)) {
                Journal.open(ended, "snap", destination).close();
            }
        }
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal journal = Journal.open(first, "snap", destination)) {
            assertThat(JournalPlace.others(first, journal, true)).containsExactlyInAnyOrder(second, alone);
            assertThat(JournalPlace.others(alone, journal, true)).containsExactlyInAnyOrder(first, second);
        }
        try (Destination destination = Destination.open(target, Snapshot.Kind.TREE, true);
                Journal journal = Journal.open(first, "snap", destination)) {
            JournalPlace.others(first, journal, true);
            assertThat(Files.readString(Path.of("/proc/locks")))
                    .contains(":" + Files.getAttribute(first, "unix:ino") + " ");
        }
    }

    /** The root of every volume has the same number. */
    @Test
    void a_target_of_the_same_number_that_was_made_at_another_time_is_refused() throws Exception {
        String text = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        String[] words = text.substring(0, text.indexOf('\n')).split(" ");
        assumeFalse(words[4].equals("0"), "this file system does not tell when a directory was made");
        Files.writeString(
                file, text.replace(words[4], words[4].replace('1', '2')), java.nio.charset.StandardCharsets.ISO_8859_1);
        restartMachine(file);
        assertThatThrownBy(this::reopened).isInstanceOf(TransferException.class).hasMessageContaining("another");
    }

    @Test
    void a_header_that_makes_no_sense_is_no_journal() throws Exception {
        Files.writeString(file, "holdfast-restore-3 snap one two three boot\n");
        assertThatThrownBy(() -> Journal.snapshotIn(file))
                .isInstanceOf(TransferException.class)
                .hasMessageContaining("not a journal");
    }

    @Test
    void what_a_completed_restore_says_is_read_again() {
        assertThat(new Closing("abc", Map.of("owner", 3L, "mode", 1L))).hasToString("restored abc mode=1 owner=3");
        assertThat(Closing.of("restored abc mode=1 owner=3"))
                .isEqualTo(new Closing("abc", Map.of("owner", 3L, "mode", 1L)));
        assertThat(Closing.of("restored abc")).isEqualTo(new Closing("abc", Map.of()));
        assertThat(Closing.of("canceled")).isNull();
    }
}
