package dev.holdfast.transfer.repository;

import static dev.holdfast.transfer.repository.RepositoryTest.assertCode;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryDamageTest {
    /** What disks and people do to a file. */
    enum Damage {
        BIT_FLIP_AT_START,
        BIT_FLIP_IN_THE_MIDDLE,
        BIT_FLIP_AT_END,
        TRUNCATED,
        EMPTY,
        ZERO_PAGE;

        byte[] to(byte[] content) {
            byte[] bytes = content.clone();
            switch (this) {
                case BIT_FLIP_AT_START -> bytes[1] ^= 4;
                case BIT_FLIP_IN_THE_MIDDLE -> bytes[bytes.length / 2] ^= 4;
                case BIT_FLIP_AT_END -> bytes[bytes.length - 1] ^= 4;
                case TRUNCATED -> bytes = Arrays.copyOf(bytes, bytes.length - 5);
                case EMPTY -> bytes = new byte[0];
                case ZERO_PAGE -> {
                    int from = bytes.length / 3;
                    Arrays.fill(bytes, from, Math.min(bytes.length, from + 4096), (byte) 0);
                }
            }
            return bytes;
        }
    }

    @TempDir
    Path base;

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private RepositoryFixture fixture;

    @SuppressWarnings("NullAway.Init")
    private Snapshot first;

    @SuppressWarnings("NullAway.Init")
    private Snapshot second;

    private int chunksOfFirst;

    @BeforeEach
    void two_snapshots() throws TransferException {
        fixture = new RepositoryFixture(base, 11);
        first = fixture.commitOne("s1");
        chunksOfFirst = fixture.chunks.size();
        second = fixture.commitOne("s2");
    }

    private void damage(String name, Damage damage) throws IOException {
        Path file = fixture.directory.resolve(name);
        Files.write(file, damage.to(Files.readAllBytes(file)));
    }

    /** How many chunks, in order of writing, from and to, are readable and right. */
    private int readable(int from, int to) throws TransferException {
        int good = 0;
        List<Map.Entry<ChunkId, byte[]>> all = new ArrayList<>(fixture.chunks.entrySet());
        try (Repository repository = fixture.open();
                ChunkReader reader = repository.reader()) {
            for (Map.Entry<ChunkId, byte[]> chunk : all.subList(from, to)) {
                try {
                    assertThat(reader.read(chunk.getKey())).isEqualTo(chunk.getValue());
                    good++;
                } catch (TransferException damaged) {
                    assertThat(damaged.code()).isEqualTo(Code.REPOSITORY_DAMAGED);
                    assertThat(damaged).hasMessageContaining("packs/s1/1-0");
                }
            }
        }
        return good;
    }

    @ParameterizedTest
    @EnumSource
    void of_a_damaged_pack_the_intact_frames_stay_readable(Damage damage) throws Exception {
        damage("packs/s1/1-0", damage);
        try (Repository repository = fixture.open()) {
            assertThat(repository.check("packs/s1/1-0").problems())
                    .isNotEmpty()
                    .allSatisfy(problem -> assertThat(problem).contains("packs/s1/1-0"));
            assertThat(repository.check("packs/s2/1-0").problems()).isEmpty();
        }
        assertThat(readable(chunksOfFirst, fixture.chunks.size())).isEqualTo(fixture.chunks.size() - chunksOfFirst);
        int good = readable(0, chunksOfFirst);
        switch (damage) {
            case BIT_FLIP_AT_END, TRUNCATED -> assertThat(good).isEqualTo(chunksOfFirst);
            case EMPTY -> assertThat(good).isZero();
            case BIT_FLIP_AT_START, BIT_FLIP_IN_THE_MIDDLE, ZERO_PAGE ->
                assertThat(good).isBetween(chunksOfFirst - 15, chunksOfFirst);
        }
    }

    /** Only the tag proves a header; its checksum anybody can make. */
    @ParameterizedTest
    @ValueSource(ints = {0, Frames.FLAG_ZSTD})
    void a_forged_header_is_damage_like_any_other(int flags) throws Exception {
        FrameHeader header = new FrameHeader(Frames.DATA, flags, 1, 1, 0, Frames.RAW_MAX, Frames.RAW_MAX - 1, 0);
        byte[] forged = new byte[Frames.HEADER];
        header.write(forged);
        Path file = fixture.directory.resolve("packs/s1/1-0");
        byte[] pack = Files.readAllBytes(file);
        System.arraycopy(forged, 0, pack, 0, forged.length);
        Files.write(file, pack);

        try (Repository repository = fixture.open()) {
            assertThat(repository.check("packs/s1/1-0").problems())
                    .singleElement()
                    .asString()
                    .contains("packs/s1/1-0 at byte 0");
        }
        assertThat(readable(0, chunksOfFirst)).isBetween(chunksOfFirst - 5, chunksOfFirst - 1);

        int stored = (int) Encoder.INT.get(Files.readAllBytes(file), 28);
        assertThat(stored).isEqualTo(Frames.RAW_MAX - 1);
        new FrameHeader(Frames.DATA, flags, 1, 1, 0, 77, 76, 0).write(forged);
        System.arraycopy(forged, 0, pack, 0, forged.length);
        Files.write(file, pack);
        try (Repository repository = fixture.open()) {
            assertThat(repository.check("packs/s1/1-0").problems()).hasSize(1);
        }
        assertThat(readable(0, chunksOfFirst)).isBetween(chunksOfFirst - 5, chunksOfFirst - 1);
    }

    /** Room for one frame is used for the next one, whatever its size. */
    @Test
    void frames_of_all_sizes_are_read_one_after_the_other() throws Exception {
        Random random = new Random(5);
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s3", null, "source")) {
            PackWriter writer = attempt.newWriter();
            for (int length : new int[] {3_000_000, 10, 1_500_000, 200_000, 3_900_000, 100, 4_000_000, 1}) {
                byte[] chunk = new byte[length];
                random.nextBytes(chunk);
                ChunkId id = repository.hasher().id(chunk, 0, length);
                writer.data(List.of(new ChunkRef(id, 0, length)), chunk, 0, length);
                fixture.chunks.put(id, chunk);
            }
            writer.publish();
            attempt.checkpoint();
            attempt.commit(RepositoryFixture.draft(first.root().getFirst()));
        }
        damage("packs/s1/1-0", Damage.BIT_FLIP_IN_THE_MIDDLE);
        List<ChunkId> order = new ArrayList<>(fixture.chunks.keySet());
        Collections.shuffle(order, random);
        int bad = 0;
        try (Repository repository = fixture.open();
                ChunkReader reader = repository.reader()) {
            for (ChunkId id : order) {
                try {
                    assertThat(Arrays.equals(reader.read(id), fixture.chunks.get(id)))
                            .isTrue();
                } catch (TransferException damaged) {
                    assertThat(damaged).hasMessageContaining("packs/s1/1-0");
                    bad++;
                }
            }
        }
        assertThat(bad).isBetween(1, 5);
    }

    @ParameterizedTest
    @EnumSource
    void a_damaged_index_is_named_and_every_chunk_stays_readable(Damage damage) throws Exception {
        for (String name : new FileBlobStore(fixture.directory).list("index/")) {
            damage(name, damage);
            try (Repository repository = fixture.open()) {
                assertThat(repository.checkObjects()).isNotEmpty().anySatisfy(problem -> assertThat(problem)
                        .contains(name));
            }
        }
        assertThat(readable(0, fixture.chunks.size())).isEqualTo(fixture.chunks.size());
    }

    @ParameterizedTest
    @EnumSource
    void a_damaged_snapshot_is_named_and_the_other_stays_readable(Damage damage) throws Exception {
        damage("snapshots/" + second.id(), damage);
        try (Repository repository = fixture.open()) {
            assertThat(repository.snapshots()).containsExactly(first);
            assertThat(repository.snapshot(first.id(), "")).isEqualTo(first);
            assertCode(Code.REPOSITORY_DAMAGED, () -> repository.snapshot(second.id(), ""));
            assertCode(Code.REPOSITORY_DAMAGED, () -> repository.snapshot("latest", ""));
            assertThat(repository.checkObjects()).singleElement().satisfies(problem -> assertThat(problem)
                    .contains("snapshots/" + second.id()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void damaged_session_objects_are_named(Damage damage) throws Exception {
        for (String name : List.of("sessions/s1/open-1", "sessions/s1/c-1", "sessions/s1/closed")) {
            byte[] before = Files.readAllBytes(fixture.directory.resolve(name));
            damage(name, damage);
            try (Repository repository = fixture.open()) {
                assertThat(repository.checkObjects()).singleElement().satisfies(problem -> assertThat(problem)
                        .contains(name));
                assertThat(repository.sessionState("s1", null)).isEqualTo(new SessionState.Completed(first));
            }
            Files.write(fixture.directory.resolve(name), before);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_damaged_format_is_named(Damage damage) throws Exception {
        damage("format", damage);
        assertCode(Code.REPOSITORY_DAMAGED, fixture::open);
    }

    @Test
    void a_missing_pack_is_named() throws Exception {
        Files.delete(fixture.directory.resolve("packs/s1/1-0"));
        try (Repository repository = fixture.open()) {
            assertThat(repository.checkObjects()).singleElement().satisfies(problem -> assertThat(problem)
                    .contains("packs/s1/1-0"));
        }
        assertThat(readable(0, chunksOfFirst)).isZero();
    }

    @Test
    void a_frame_moved_to_another_place_or_pack_is_not_accepted() throws Exception {
        Path pack = fixture.directory.resolve("packs/s1/1-0");
        Path other = fixture.directory.resolve("packs/s2/1-0");
        Files.copy(other, pack, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try (Repository repository = fixture.open()) {
            assertThat(repository.check("packs/s1/1-0").problems()).isNotEmpty();
        }
        assertThat(readable(0, chunksOfFirst)).isZero();
    }
}
