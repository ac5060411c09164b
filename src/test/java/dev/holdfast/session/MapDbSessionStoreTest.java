package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MapDbSessionStoreTest extends SessionStoreContract {
    private static final SessionState STATE = new SessionState.Running(Samples.MOVER, Samples.NOW);

    @TempDir
    Path directory = Path.of("");

    @Override
    MapDbSessionStore open() {
        return new MapDbSessionStore(directory);
    }

    @Test
    void a_full_session_takes_less_than_a_megabyte() throws IOException {
        Session session = Samples.session("big", STATE, "t".repeat(500));
        for (int i = 0; i < 200; i++) {
            session = session.moved(new SessionEvent.Admitted(), STATE, Samples.NOW);
        }
        try (SessionStore store = open()) {
            store.put(session);
        }
        assertThat(Files.size(directory.resolve("big.session"))).isLessThanOrEqualTo(1024 * 1024);
        assertThat(session.history()).hasSize(Session.HISTORY_MAX);
    }

    @Test
    void what_cannot_be_stored_for_its_id_or_its_size_is_told_apart_from_a_broken_disk() {
        Session plain = Samples.session("newer", STATE, "t");
        try (MapDbSessionStore store = open()) {
            store.put(plain, StoredSession.FORMAT + 1);
        }
        Warning longest = new Warning("kind", 1, "é".repeat(16 << 10));
        Session large = Samples.session("large", STATE, "t").with(Collections.nCopies(40, longest));
        try (SessionStore store = open()) {
            store.loadAll();
            assertThatThrownBy(() -> store.put(plain))
                    .isInstanceOfSatisfying(
                            SessionRefused.class, e -> assertThat(e.taken()).isTrue());
            assertThatThrownBy(() -> store.put(large))
                    .isInstanceOfSatisfying(
                            SessionRefused.class, e -> assertThat(e.taken()).isFalse());
        }
    }

    @Test
    void a_flipped_byte_is_found_set_aside_and_hides_no_other_session() throws IOException {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        System.err.println("-Dholdfast.seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            putTwo();
            Path file = directory.resolve("bad.session");
            byte[] bytes = Files.readAllBytes(file);
            int at = random.nextInt(used(bytes));
            String where = "round " + round + ", byte " + at + " of " + bytes.length;
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);
            try (SessionStore store = open()) {
                SessionStore.Loaded loaded = store.loadAll();
                List<String> names = loaded.sessions().stream()
                        .map(session -> session.id().value())
                        .toList();
                assertThat(names).as(where).contains("good");
                // A byte that nothing is read from may change without harm; a session that differs may not appear.
                assertThat(loaded.sessions().size() + loaded.quarantined().size())
                        .as(where)
                        .isEqualTo(2);
                assertThat(loaded.sessions())
                        .as(where)
                        .isSubsetOf(Samples.session("good", STATE, "t"), Samples.session("bad", STATE, "t"));
            }
        }
    }

    @Test
    void a_disk_without_room_keeps_the_old_state_and_wastes_no_byte() throws IOException {
        try (SmallDisk disk = SmallDisk.of(512 << 10)) {
            try (SessionStore store = new MapDbSessionStore(disk.path())) {
                store.put(Samples.session("a", STATE, "old"));
                disk.fill();

                assertThatThrownBy(() -> store.put(Samples.session("a", STATE, "new")))
                        .isInstanceOf(SessionStoreException.class)
                        .hasMessageContainingAll("session a", "No space left on device");
                assertThatThrownBy(store::probe).isInstanceOf(SessionStoreException.class);
                assertThat(disk.path()).isDirectoryNotContaining("glob:**.new");
                disk.free();
                store.probe();
                store.put(Samples.session("b", STATE, "t"));
            }
            try (SessionStore store = new MapDbSessionStore(disk.path())) {
                assertThat(store.loadAll().sessions())
                        .containsExactlyInAnyOrder(
                                Samples.session("a", STATE, "old"), Samples.session("b", STATE, "t"));
            }
        }
    }

    @Test
    void truncated_emptied_and_zeroed_files_are_set_aside() throws IOException {
        List<byte[]> damages = new ArrayList<>();
        putTwo();
        byte[] whole = Files.readAllBytes(directory.resolve("bad.session"));
        damages.add(new byte[0]);
        damages.add(Arrays.copyOf(whole, 100));
        byte[] zeroed = whole.clone();
        Arrays.fill(zeroed, 0, 4096, (byte) 0);
        damages.add(zeroed);
        damages.add(new byte[whole.length]);
        damages.add("not a session".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        for (byte[] damage : damages) {
            putTwo();
            Files.write(directory.resolve("bad.session"), damage);
            try (SessionStore store = open()) {
                SessionStore.Loaded loaded = store.loadAll();
                assertThat(loaded.sessions()).containsExactly(Samples.session("good", STATE, "t"));
                assertThat(loaded.quarantined()).singleElement().satisfies(one -> {
                    assertThat(one.file())
                            .isEqualTo(directory.resolve("bad.session.corrupt"))
                            .exists();
                    assertThat(one.newer()).isFalse();
                });
                assertThat(directory.resolve("bad.session")).doesNotExist();
                store.put(Samples.session("bad", STATE, "t"));
            }
        }
    }

    @Test
    void a_file_of_a_newer_release_stays_where_it_is_and_is_never_overwritten() {
        try (MapDbSessionStore store = open()) {
            store.put(Samples.session("later", STATE, "t"), StoredSession.FORMAT + 1);
        }
        try (SessionStore store = open()) {
            SessionStore.Loaded loaded = store.loadAll();
            assertThat(loaded.sessions()).isEmpty();
            assertThat(loaded.quarantined()).singleElement().satisfies(one -> assertThat(one.newer())
                    .isTrue());
            assertThat(directory.resolve("later.session")).exists();
            assertThatThrownBy(() -> store.put(Samples.session("later", STATE, "t")))
                    .isInstanceOf(SessionStoreException.class)
                    .hasMessageContaining("newer release");
        }
    }

    @Test
    void a_file_that_cannot_be_read_now_stays_where_it_is_and_is_never_overwritten() throws IOException {
        putTwo();
        Path file = directory.resolve("bad.session");
        Path away = directory.resolve("away");
        Files.move(file, away);
        Files.createSymbolicLink(file, file); // Too many levels: an error of the disk that root meets as well.
        try (SessionStore store = open()) {
            SessionStore.Loaded loaded = store.loadAll();
            assertThat(loaded.sessions()).containsExactly(Samples.session("good", STATE, "t"));
            assertThat(loaded.quarantined()).singleElement().satisfies(one -> assertThat(one.why())
                    .contains("could not be read", "restart the agent"));
            assertThatThrownBy(() -> store.put(Samples.session("bad", STATE, "new")))
                    .isInstanceOf(SessionStoreException.class);
        }
        Files.move(away, file, StandardCopyOption.REPLACE_EXISTING);
        try (SessionStore store = open()) {
            assertThat(store.loadAll().sessions()).contains(Samples.session("bad", STATE, "t"));
        }
    }

    @Test
    void what_a_crash_left_half_written_is_removed() throws IOException {
        Files.write(directory.resolve("a.session.new"), new byte[10]);
        try (SessionStore store = open()) {
            assertThat(store.loadAll().sessions()).isEmpty();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void an_interrupted_caller_neither_stops_the_write_nor_breaks_the_store() {
        try (SessionStore store = open()) {
            Thread.currentThread().interrupt();
            store.put(Samples.session("a", STATE, "t"));
            assertThat(Thread.interrupted()).isTrue();
            store.put(Samples.session("b", STATE, "t"));
            assertThat(store.loadAll().sessions()).hasSize(2);
        }
    }

    @Test
    void a_hundred_sessions_are_loaded() {
        try (SessionStore store = open()) {
            for (int i = 0; i < 100; i++) {
                store.put(Samples.session("s" + i, STATE, "t"));
            }
        }
        try (SessionStore store = open()) {
            assertThat(store.loadAll().sessions()).hasSize(100);
        }
    }

    private void putTwo() {
        try (SessionStore store = open()) {
            store.put(Samples.session("good", STATE, "t"));
            store.put(Samples.session("bad", STATE, "t"));
        }
    }

    private static int used(byte[] bytes) {
        int end = bytes.length;
        while (end > 1 && bytes[end - 1] == 0) {
            end--;
        }
        return end;
    }
}
