package dev.holdfast.mover.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What follows from the files of /proc, and what does not. */
class ProcessTableTest {
    private Path process;
    private ProcessTable table;

    @BeforeEach
    void make(@TempDir Path root) {
        process = root.resolve("42");
        table = new ProcessTable(root);
    }

    @Test
    void fields_are_found_behind_a_name_that_looks_like_fields() throws IOException {
        stat(process, 'S', 3);
        assertThat(table.entry(42)).contains(new ProcessTable.Entry('S', 3, 30, 777));
    }

    @Test
    void a_process_that_cannot_be_read_is_not_a_process_that_is_gone() throws IOException {
        assertThat(table.entry(42)).isEmpty();
        Files.createDirectories(process.resolve("stat"));
        assertThatIOException().isThrownBy(() -> table.entry(42));
    }

    @Test
    void a_first_thread_that_ended_is_no_zombie_while_others_live() throws IOException {
        stat(process, 'Z', 2);
        assertThat(table.entry(42).orElseThrow().zombie()).isFalse();
        stat(process, 'Z', 1);
        assertThat(table.entry(42).orElseThrow().zombie()).isTrue();
    }

    @Test
    void one_thread_that_runs_or_waits_for_a_disk_makes_it_busy() throws IOException {
        Path tasks = process.resolve("task");
        stat(tasks.resolve("42"), 'S', 2);
        stat(tasks.resolve("43"), 'T', 2);
        assertThat(table.busy(42)).isFalse();
        stat(tasks.resolve("43"), 'D', 2);
        assertThat(table.busy(42)).isTrue();
        stat(tasks.resolve("43"), 'R', 2);
        assertThat(table.busy(42)).isTrue();
    }

    private static void stat(Path directory, char state, int threads) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(
                directory.resolve("stat"),
                "42 (a) S 1 2) " + state + " 1 42 42 0 -1 0 0 0 0 0 10 20 0 0 20 0 " + threads + " 0 777 0 0\n");
    }
}
