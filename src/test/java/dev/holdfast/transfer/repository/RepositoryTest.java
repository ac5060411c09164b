package dev.holdfast.transfer.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryTest {
    @TempDir
    Path base;

    static void assertCode(Code code, ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOfSatisfying(TransferException.class, thrown -> assertThat(thrown.code())
                .as(thrown.getMessage())
                .isEqualTo(code));
    }

    @Test
    void chunks_of_a_committed_session_are_read_as_they_were_written() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 1);
        Snapshot snapshot = fixture.commitOne("s1");
        try (Repository repository = fixture.open();
                ChunkReader reader = repository.reader()) {
            for (Map.Entry<ChunkId, byte[]> chunk : fixture.chunks.entrySet()) {
                assertThat(reader.read(chunk.getKey())).isEqualTo(chunk.getValue());
            }
            assertThat(repository.snapshots()).containsExactly(snapshot);
            assertThat(repository.snapshot("latest:source", "")).isEqualTo(snapshot);
            assertThat(repository.snapshot(snapshot.id().substring(0, 6), "")).isEqualTo(snapshot);
            assertThat(repository.latestOf("source")).isEqualTo(snapshot);
            assertThat(repository.latestOf("other")).isNull();
            assertThat(repository.checkObjects()).isEmpty();
            for (String pack : repository.packs()) {
                assertThat(repository.check(pack).problems()).isEmpty();
            }
        }
        assertThat(snapshot.warnings()).containsExactly(Map.entry("changed", 2L));
        assertThat(snapshot.started()).isEqualTo(RepositoryFixture.TIME);
    }

    @Test
    void the_latest_snapshot_is_of_one_source_or_its_source_is_said() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 3);
        Snapshot first = fixture.commitOne("s1", "/srv/a");
        Snapshot second = fixture.commitOne("s2", "/srv/a");
        Snapshot other = fixture.commitOne("s3", "objects/a");
        try (Repository repository = fixture.open()) {
            List<Snapshot> byTime = repository.snapshots();
            assertThat(byTime).containsExactlyInAnyOrder(first, second, other);
            byTime.remove(other);
            assertThat(repository.snapshot("latest:/srv/a", "")).isEqualTo(byTime.getLast());
            assertThat(repository.snapshot("latest", "objects/")).isEqualTo(other);
            assertThatThrownBy(() -> repository.snapshot("latest", ""))
                    .hasMessageContaining("2 sources")
                    .hasMessageContaining("/srv/a")
                    .hasMessageContaining("objects/a")
                    .hasMessageContaining("latest:<source>");
            assertCode(Code.SNAPSHOT_MISSING, () -> repository.snapshot("latest", ""));
            assertCode(Code.SNAPSHOT_MISSING, () -> repository.snapshot("latest:/srv", ""));
            assertCode(Code.SNAPSHOT_MISSING, () -> repository.snapshot("latest:/srv/a", "objects/"));
            assertCode(Code.SNAPSHOT_MISSING, () -> repository.snapshot(first.id(), "objects/"));
        }
    }

    /** As with NFS, where the folder of indexes may be listed from memory when the one of snapshots is not. */
    @Test
    void a_snapshot_is_read_whose_index_was_not_listed_before() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 4);
        Snapshot old = fixture.commitOne("s1");
        try (Repository repository = fixture.open();
                ChunkReader reader = repository.reader()) {
            assertThat(reader.read(old.root().getFirst())).isNotEmpty();

            Snapshot fresh = fixture.commitOne("s2");

            assertThat(repository.snapshots()).contains(fresh);
            for (Map.Entry<ChunkId, byte[]> chunk : fixture.chunks.entrySet()) {
                assertThat(reader.read(chunk.getKey())).isEqualTo(chunk.getValue());
            }
        }
    }

    @Test
    void a_reader_that_knows_only_the_page_reads_the_same() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 2);
        Snapshot snapshot = fixture.commitOne("s1");
        IndependentReader reader = new IndependentReader(fixture.directory, fixture.keyFile);
        Map<String, byte[]> chunks = reader.chunks();
        assertThat(chunks).hasSameSizeAs(fixture.chunks);
        fixture.chunks.forEach((id, content) -> assertThat(chunks.get(id.hex())).isEqualTo(content));

        Map<String, byte[]> records = new HashMap<>();
        for (String pack : reader.names("packs")) {
            for (IndependentReader.Frame frame : reader.frames(pack)) {
                if (frame.type() == 'P') {
                    Map.Entry<String, byte[]> entry = IndependentReader.record(frame);
                    records.put(entry.getKey(), entry.getValue());
                }
            }
        }
        assertThat(records).hasSameSizeAs(fixture.records);
        fixture.records.forEach(
                (key, payload) -> assertThat(records.get(HexFormat.of().formatHex(RepositoryFixture.key(key))))
                        .isEqualTo(payload));
        var from = IndependentReader.le(reader.open('S', "snapshots/" + snapshot.id()));
        assertThat(IndependentReader.text(from)).isEqualTo(snapshot.id());
        assertThat(IndependentReader.text(from)).isEqualTo("source");
        assertThat(IndependentReader.text(IndependentReader.le(reader.open('O', "sessions/s1/open-1"))))
                .isEqualTo("source");
        assertThat(IndependentReader.text(IndependentReader.le(reader.open('Z', "sessions/s1/closed"))))
                .isEqualTo(snapshot.id());
        assertThat(reader.open('C', "sessions/s1/c-1")).isNotEmpty();
    }

    @Test
    void packs_are_published_at_16_mib_and_hold_nothing_in_the_clear() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 3);
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s1", null, "source");
                ChunkReader reader = repository.reader()) {
            PackWriter writer = attempt.newWriter();
            byte[] bytes = new byte[1 << 20];
            for (int i = 0; i < 17; i++) {
                fixture.random.nextBytes(bytes);
                ChunkId id = repository.hasher().id(bytes, 0, bytes.length);
                assertThat(attempt.claim(id)).isTrue();
                assertThat(attempt.claim(id)).isFalse();
                assertThat(attempt.knows(id)).isFalse();
                writer.data(List.of(new ChunkRef(id, 0, bytes.length)), bytes, 0, bytes.length);
                assertThat(attempt.knows(id)).isTrue();
                if (i == 0) {
                    fixture.chunks.put(id, bytes.clone());
                }
            }
            assertThat(repository.packs()).containsExactly("packs/s1/1-0");
            assertThat(attempt.blocksDurable()).isBetween(16L, 17L);
            ChunkId first = fixture.chunks.keySet().iterator().next();
            assertThat(reader.read(first)).isEqualTo(fixture.chunks.get(first));
            byte[] pack = Files.readAllBytes(fixture.directory.resolve("packs/s1/1-0"));
            assertThat(HexFormat.of().formatHex(pack)).doesNotContain(first.hex());
        }
    }

    @Test
    void packs_of_many_small_chunks_are_published_before_their_directory_takes_megabytes() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 3);
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s1", null, "source")) {
            PackWriter writer = attempt.newWriter();
            byte[] bytes = new byte[8 * PackWriter.CHUNKS_MAX];
            for (int frame = 1; frame <= 8; frame++) { // With 32 bytes in the directory for each of 4,096 chunks.
                assertThat(repository.packs()).isEmpty();
                fixture.random.nextBytes(bytes);
                List<ChunkRef> chunks = new ArrayList<>();
                for (int at = 0; at < bytes.length; at += 8) {
                    chunks.add(new ChunkRef(repository.hasher().id(bytes, at, 8), at, 8));
                }
                writer.data(chunks, bytes, 0, bytes.length);
            }
            assertThat(repository.packs()).containsExactly("packs/s1/1-0");
            assertThat(repository.size("packs/s1/1-0")).isLessThan(3 << 20);
        }
    }

    @Test
    void a_known_chunk_of_another_session_is_not_claimed_again() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 4);
        fixture.commitOne("s1");
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s2", null, "source")) {
            assertThat(attempt.start()).isEqualTo(dev.holdfast.transfer.TransferListener.Start.FRESH);
            for (ChunkId id : fixture.chunks.keySet()) {
                assertThat(attempt.knows(id)).isTrue();
                assertThat(attempt.claim(id)).isFalse();
            }
        }
    }

    @Test
    void key_and_repository_must_belong_together() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 5);
        Path otherKey = base.resolve("other-key");
        Repository.init(base.resolve("other"), otherKey).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(otherKey)))
                .isEqualTo("rw-------");
        assertCode(Code.KEY_WRONG, () -> Repository.open(fixture.directory, otherKey));
        assertCode(Code.KEY_MISSING, () -> Repository.open(fixture.directory, base.resolve("none")));
        assertCode(Code.REPOSITORY_MISSING, () -> Repository.open(base.resolve("none"), fixture.keyFile));
        assertCode(Code.REPOSITORY_EXISTS, () -> Repository.init(fixture.directory, fixture.keyFile));
        String key = Files.readString(fixture.keyFile);
        Files.writeString(otherKey, key.replaceFirst(":.", ":" + (key.charAt(15) == 'A' ? 'B' : 'A')));
        assertCode(Code.KEY_WRONG, () -> Repository.open(fixture.directory, otherKey));
    }

    @Test
    void a_repository_is_made_where_nothing_is_but_what_a_new_file_system_holds() throws Exception {
        Path taken = Files.createDirectory(base.resolve("taken"));
        Files.createFile(taken.resolve("somebody's"));
        assertCode(Code.REPOSITORY_EXISTS, () -> Repository.init(taken, base.resolve("taken.key")));
        assertCode(Code.REPOSITORY_EXISTS, () -> Repository.init(taken.resolve("somebody's"), base.resolve("k")));
        assertThat(taken).isDirectoryContaining("glob:**somebody's");
        assertThat(base.resolve("taken.key")).doesNotExist();
        assertCode(Code.REPOSITORY_IO, () -> Repository.init(Path.of("/proc/none/of"), base.resolve("proc.key")));

        Path mounted = Files.createDirectory(base.resolve("mounted"));
        Files.createDirectory(mounted.resolve("lost+found"));
        Repository.init(mounted, base.resolve("mounted.key")).close();
        Repository.open(mounted, base.resolve("mounted.key")).close();
    }

    @Test
    void a_token_opens_its_own_session_only() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 6);
        try (Repository repository = fixture.open()) {
            String token;
            try (Attempt attempt = repository.begin("s1", null, "source")) {
                token = attempt.token();
            }
            assertThat(repository.sessionState("s1", token)).isEqualTo(new SessionState.Unfinished(1));
            assertThat(repository.sessionState("s2", null)).isEqualTo(new SessionState.Unknown());
            assertCode(Code.TOKEN_REFUSED, () -> repository.begin("s2", token, "source"));
            assertCode(Code.TOKEN_REFUSED, () -> repository.begin("s1", token, "elsewhere"));
            assertCode(Code.TOKEN_REFUSED, () -> repository.begin("s1", null, "elsewhere"));
            assertCode(Code.TOKEN_REFUSED, () -> repository.sessionState("s1", token.replaceFirst(".$", "!")));
            assertCode(Code.TOKEN_REFUSED, () -> repository.sessionState("s1", "nonsense"));
            String forged = token.substring(0, token.length() - 4) + "AAAA";
            assertCode(Code.TOKEN_REFUSED, () -> repository.sessionState("s1", forged));
            assertThat(repository.sessionState("s1", null)).isEqualTo(new SessionState.Unfinished(1));
            try (Repository other = Repository.init(base.resolve("other"), fixture.keyFile)) {
                assertCode(Code.TOKEN_REFUSED, () -> other.begin("s1", token, "source"));
            }
        }
    }

    @Test
    void a_token_whose_session_is_gone_starts_anew() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 7);
        String token;
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s1", null, "source")) {
            token = attempt.token();
        }
        Files.delete(fixture.directory.resolve("sessions/s1/open-1"));
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s1", token, "source")) {
            assertThat(attempt.start()).isEqualTo(dev.holdfast.transfer.TransferListener.Start.RESTARTED);
            assertThat(attempt.token()).isEqualTo(token);
        }
    }

    @Test
    void a_session_without_snapshot_keeps_its_outcome() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 8);
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s1", null, "source")) {
            attempt.finish("{\"canceled\":true}");
            attempt.finish("{\"canceled\":false}");
            assertThat(repository.sessionState("s1", attempt.token()))
                    .isEqualTo(new SessionState.Finished("{\"canceled\":true}"));
        }
    }

    @Test
    void a_newer_version_is_refused_by_name() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 9);
        fixture.commitOne("s1");
        String pack = "packs/s1/1-0";
        rewriteVersion(fixture.directory.resolve(pack), 60);
        assertThat(fixture.open().check(pack).problems())
                .singleElement()
                .asString()
                .contains(pack, "use a newer holdfast");
        rewriteVersion(fixture.directory.resolve("sessions/s1/closed"), 24);
        assertThat(fixture.open().checkObjects())
                .singleElement()
                .asString()
                .contains("sessions/s1/closed", "use a newer holdfast");
        rewriteVersion(
                fixture.directory.resolve(
                        fixture.open().snapshots().getFirst().id().replaceFirst("^", "snapshots/")),
                24);
        assertCode(Code.REPOSITORY_NEWER, () -> fixture.open().snapshots());
        Path format = fixture.directory.resolve("format");
        String text = Files.readString(format).replace("\"version\": 1", "\"version\": 2");
        String covered = text.substring(0, text.indexOf("  \"crc32c\""));
        byte[] bytes = covered.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Files.writeString(
                format, covered + String.format("  \"crc32c\": \"%08x\"\n}\n", Frames.crc(bytes, 0, bytes.length)));
        assertCode(Code.REPOSITORY_NEWER, fixture::open);
    }

    private static void rewriteVersion(Path file, int crcAt) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[4] = 2;
        Encoder.INT.set(bytes, crcAt, Frames.crc(bytes, 0, crcAt));
        Files.write(file, bytes);
    }
}
