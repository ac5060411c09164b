package dev.holdfast.transfer.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store must do. */
abstract class BlobStoreContract {
    /** A new view of the same, at first empty, store. */
    abstract BlobStore store();

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void an_object_is_read_as_it_was_put() throws IOException {
        BlobStore store = store();
        assertThat(store.putIfAbsent("a/b/c", bytes("hello"))).isTrue();
        assertThat(store.get("a/b/c", 5)).isEqualTo(bytes("hello"));
        byte[] part = bytes("....");
        store.read("a/b/c", 1, part, 3);
        assertThat(part).isEqualTo(bytes("ell."));
        assertThat(store.size("a/b/c")).isEqualTo(5);
        assertThat(store().exists("a/b/c")).isTrue();
    }

    @Test
    void an_object_never_changes() throws IOException {
        BlobStore store = store();
        store.putIfAbsent("a", bytes("first"));
        assertThat(store.putIfAbsent("a", bytes("second"))).isFalse();
        assertThat(store.get("a", 9)).isEqualTo(bytes("first"));
    }

    @Test
    void of_many_writers_of_one_name_exactly_one_wins() throws Exception {
        BlobStore store = store();
        try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
            List<Callable<Boolean>> puts = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                byte[] content = bytes("writer " + i);
                puts.add(() -> store.putIfAbsent("d/x", content));
            }
            int won = 0;
            for (Future<Boolean> put : executor.invokeAll(puts)) {
                won += put.get() ? 1 : 0;
            }
            assertThat(won).isEqualTo(1);
        }
        assertThat(store.list("d/")).containsExactly("d/x");
    }

    @Test
    void what_is_missing_or_too_short_is_told_apart() throws IOException {
        BlobStore store = store();
        store.putIfAbsent("a", bytes("12345"));
        assertThatThrownBy(() -> store.get("b", 9)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> store.read("b", 0, new byte[1], 1)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> store.size("b")).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> store.read("a", 3, new byte[3], 3)).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> store.get("a", 4)).isInstanceOf(IOException.class);
    }

    @Test
    void names_are_listed_sorted_and_with_their_folder() throws IOException {
        BlobStore store = store();
        for (String name : List.of("p/s/2-0", "p/s/1-1", "p/t/1-0", "q/1")) {
            store.putIfAbsent(name, bytes(name));
        }
        assertThat(store.list("p/")).containsExactly("p/s/1-1", "p/s/2-0", "p/t/1-0");
        assertThat(store.list("p/t/")).containsExactly("p/t/1-0");
        assertThat(store.list("none/")).isEmpty();
    }

    @Test
    void deleting_is_done_once_and_harmless_twice() throws IOException {
        BlobStore store = store();
        store.putIfAbsent("a/b", bytes("x"));
        store.delete("a/b");
        store.delete("a/b");
        assertThat(store.exists("a/b")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a/", "a//b", "..", "../a", "a/../b", ".a", "a/.", "a\0b"})
    void a_name_that_leaves_the_store_is_refused(String name) {
        BlobStore store = store();
        assertThatThrownBy(() -> store.putIfAbsent(name, bytes("x"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.get(name, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.upload(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void an_upload_appears_whole_when_published() throws IOException {
        BlobStore store = store();
        try (BlobStore.Upload upload = store.upload("p/1-0")) {
            upload.append(bytes("xabcx"), 1, 3);
            upload.sync();
            assertThat(store.exists("p/1-0")).isFalse();
            assertThat(store.list("p/")).isEmpty();
            upload.append(bytes("de"), 0, 2);
            upload.publish();
        }
        assertThat(store.get("p/1-0", 9)).isEqualTo(bytes("abcde"));
        assertThat(store.partials("p/")).isEmpty();
    }

    @Test
    void a_live_writer_keeps_its_upload() throws IOException {
        BlobStore store = store();
        try (BlobStore.Upload upload = store.upload("p/1-0")) {
            upload.append(bytes("abc"), 0, 3);
            BlobStore.Partial partial = store().partials("p/").getFirst();
            assertThat(partial.takeOver()).isFalse();
            assertThat(partial.waiting()).isTrue();
            upload.publish();
            assertThat(partial.takeOver()).isFalse();
            assertThat(partial.waiting()).isFalse();
        }
    }

    @Test
    void an_upload_of_a_dead_writer_goes_on_where_it_is_cut() throws IOException {
        BlobStore store = store();
        try (BlobStore.Upload upload = store.upload("p/1-0")) {
            upload.append(bytes("abcTORN"), 0, 7);
        }
        try (BlobStore.Partial partial = store.partials("p/").getFirst()) {
            assertThat(partial.name()).isEqualTo("p/1-0");
            assertThat(partial.takeOver()).isTrue();
            assertThat(partial.size()).isEqualTo(7);
            byte[] part = new byte[2];
            partial.read(1, part, 2);
            assertThat(part).isEqualTo(bytes("bc"));
            try (BlobStore.Upload upload = partial.continueAt(3)) {
                upload.append(bytes("END"), 0, 3);
                upload.publish();
            }
        }
        assertThat(store.get("p/1-0", 9)).isEqualTo(bytes("abcEND"));
        assertThat(store.partials("p/")).isEmpty();
    }

    @Test
    void an_upload_that_is_discarded_is_gone() throws IOException {
        BlobStore store = store();
        store.upload("p/1-0").close();
        try (BlobStore.Partial partial = store.partials("p/").getFirst()) {
            assertThat(partial.takeOver()).isTrue();
            partial.discard();
        }
        assertThat(store.partials("p/")).isEmpty();
    }
}
