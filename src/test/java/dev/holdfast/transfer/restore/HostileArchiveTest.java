package dev.holdfast.transfer.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.TreeListing;
import dev.holdfast.transfer.Transfer;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferPlan;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.TransferResult;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.catalog.Piece;
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkRef;
import dev.holdfast.transfer.repository.PackWriter;
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.repository.Snapshot;
import dev.holdfast.transfer.repository.SnapshotDraft;
import dev.holdfast.transfer.tree.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever has the key can seal any tree. A restore of it touches nothing outside its target. */
class HostileArchiveTest {
    private static final byte[] EVIL = "evil".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private Path outside;
    private Path target;
    private List<String> before;

    @BeforeEach
    void make() throws Exception {
        outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("victim"), "untouched");
        target = folder.resolve("in/target");
        before = TreeListing.of(outside);
        Repository.init(folder.resolve("repository"), folder.resolve("key")).close();
    }

    @AfterEach
    void nothing_outside_was_touched() throws Exception {
        assertThat(TreeListing.of(outside)).isEqualTo(before);
        assertThat(folder.resolve("victim")).doesNotExist();
        assertThat(folder.resolve("in/victim")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "..", "/", "../victim", "../../outside/victim", "/OUT/victim", "a/b", "b/", "a\0b"})
    void a_name_that_leads_out_is_refused(String name) throws Exception {
        String absolute = name.replace("/OUT", outside.toString());
        for (Node.Type type : Node.Type.values()) {
            refused(() -> forge((writer, attempt) -> List.of(entry(absolute, type, writer, attempt))), target);
        }
        if (Files.exists(target)) {
            assertThat(target).isEmptyDirectory();
        }
    }

    @Test
    void a_link_that_leads_out_followed_by_a_directory_of_its_name_is_refused() throws Exception {
        refused(
                () -> forge((writer, attempt) -> List.of(
                        entry("d", Node.Type.SYMLINK, writer, attempt),
                        entry("d", Node.Type.DIRECTORY, writer, attempt))),
                target);
        refused(
                () -> forge((writer, attempt) -> List.of(
                        entry("d", Node.Type.DIRECTORY, writer, attempt),
                        entry("d", Node.Type.SYMLINK, writer, attempt))),
                folder.resolve("in/other"));
    }

    @Test
    void a_link_that_leads_out_followed_by_a_file_of_its_name_is_refused() throws Exception {
        refused(
                () -> forge((writer, attempt) -> List.of(
                        entry("victim", Node.Type.SYMLINK, writer, attempt),
                        entry("victim", Node.Type.FILE, writer, attempt))),
                target);
    }

    @Test
    void a_link_that_leads_out_is_restored_as_the_link_it_is() throws Exception {
        String snapshot = forge((writer, attempt) -> List.of(
                entry("a", Node.Type.SYMLINK, writer, attempt), entry("victim", Node.Type.FILE, writer, attempt)));

        restore(snapshot, target, () -> {});

        assertThat(Files.readSymbolicLink(target.resolve("a"))).isEqualTo(outside);
        assertThat(target.resolve("victim")).hasBinaryContent(EVIL);
    }

    @Test
    void a_target_exchanged_for_a_link_while_it_is_filled_leads_nothing_out() throws Exception {
        String snapshot = forge((writer, attempt) -> List.of(
                entry("a", Node.Type.DIRECTORY, writer, attempt),
                entry("hard1", Node.Type.FILE, writer, attempt),
                entry("hard2", Node.Type.FILE, writer, attempt)));
        Path moved = folder.resolve("in/moved");

        restore(snapshot, target, () -> {
            try {
                Files.move(target, moved);
                Files.createSymbolicLink(target, outside);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        assertThat(moved.resolve("a/victim")).hasBinaryContent(EVIL);
        assertThat(moved.resolve("hard2")).hasBinaryContent(EVIL);
    }

    private void refused(Forgery forgery, Path to) throws Exception {
        String snapshot = forgery.make();
        assertThatThrownBy(() -> restore(snapshot, to, () -> {}))
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.code()).isEqualTo(Code.HOSTILE_ARCHIVE))
                .hasMessageContaining(to.toString())
                .hasMessageContaining("forged or damaged tree");
    }

    @FunctionalInterface
    private interface Forgery {
        String make() throws Exception;
    }

    @FunctionalInterface
    private interface Entries {
        List<Entry> make(PackWriter writer, Attempt attempt) throws TransferException;
    }

    /** Seals a tree correctly and returns the id of its snapshot. */
    private String forge(Entries entries) throws TransferException {
        try (Repository repository = Repository.open(folder.resolve("repository"), folder.resolve("key"));
                Attempt attempt = repository.begin("f" + System.nanoTime(), null, "forged")) {
            hasher = repository.hasher();
            PackWriter writer = attempt.newWriter();
            Content below = below(entries.make(writer, attempt), writer, attempt);
            Entry root = new Entry(new byte[0], node(Node.Type.DIRECTORY), below, false);
            ChunkId id = page(Pages.ofEntries(List.of(root)), writer, attempt);
            Instant now = Instant.now();
            writer.publish();
            return attempt.commit(
                    new SnapshotDraft(now, now, Snapshot.Kind.TREE, List.of(id), 3, 4, 5, Map.of(), "host"));
        }
    }

    @SuppressWarnings("NullAway.Init") // Set by forge().
    private dev.holdfast.transfer.repository.ChunkHasher hasher;

    private Content below(List<Entry> entries, PackWriter writer, Attempt attempt) throws TransferException {
        return new Content.Directory(
                List.of(page(Pages.ofEntries(entries), writer, attempt)), entries.size(), EVIL.length);
    }

    private ChunkId page(byte[] bytes, PackWriter writer, Attempt attempt) throws TransferException {
        ChunkId id = hasher.id(bytes, 0, bytes.length);
        if (attempt.claim(id)) {
            writer.pages(List.of(new ChunkRef(id, 0, bytes.length)), bytes, 0, bytes.length);
        }
        return id;
    }

    /** Links lead to the directory outside; directories hold a file of the name that lies there. */
    private Entry entry(String name, Node.Type type, PackWriter writer, Attempt attempt) throws TransferException {
        Content content =
                switch (type) {
                    case DIRECTORY -> below(List.of(entry("victim", Node.Type.FILE, writer, attempt)), writer, attempt);
                    case FILE -> {
                        ChunkId id = hasher.id(EVIL, 0, EVIL.length);
                        if (attempt.claim(id)) {
                            writer.data(List.of(new ChunkRef(id, 0, EVIL.length)), EVIL, 0, EVIL.length);
                        }
                        yield new Content.Pieces(List.of(new Piece(id, EVIL.length)));
                    }
                    case SYMLINK, FIFO, SOCKET, CHAR, BLOCK -> new Content.None();
                };
        return new Entry(name.getBytes(StandardCharsets.UTF_8), node(type), content, false);
    }

    @SuppressWarnings("NullAway") // The class file of a record does not say of its constructor that it takes null.
    private Node node(Node.Type type) {
        long size = type == Node.Type.FILE ? EVIL.length : 0;
        byte[] link = type == Node.Type.SYMLINK ? outside.toString().getBytes(StandardCharsets.UTF_8) : null;
        int links = type == Node.Type.FILE ? 2 : 1;
        return new Node(type, 0755, 0, 0, size, 1, 2, 3, 4, 5, 6, links, 0, 0, link, List.of());
    }

    private void restore(String snapshot, Path to, Runnable begun) throws Exception {
        var plan = new TransferPlan.Restore(
                folder.resolve("repository"),
                folder.resolve("key"),
                folder,
                "r" + System.nanoTime(),
                null,
                2,
                0,
                snapshot,
                to);
        var listener = new TransferListener() {
            @Override
            public void started(Start start, String token, long epoch) {
                begun.run();
            }

            @Override
            public void progressed(TransferProgress progress) {}

            @Override
            public void warned(String kind, String message) {}
        };
        assertThat(Transfer.run(plan, new TransferControl(), listener)).isInstanceOf(TransferResult.Completed.class);
        assertThat(to.getParent()).isDirectoryNotContaining("glob:**.holdfast-*");
    }
}
