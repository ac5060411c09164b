package dev.holdfast.transfer.repository;

import static dev.holdfast.transfer.repository.RepositoryTest.assertCode;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.TransferListener.Start;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepositoryResumeTest {
    @TempDir
    Path base;

    /** Leaves a part of 20 frames behind, as a killed process does. */
    private Path abandoned(RepositoryFixture fixture) throws TransferException {
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s1", null, "source")) {
            PackWriter writer = attempt.newWriter();
            fixture.write(repository, attempt, writer, 20, 3000);
            writer.sync();
            assertThat(attempt.start()).isEqualTo(Start.FRESH);
            assertThat(attempt.blocksDurable()).isEqualTo(20);
        }
        return fixture.directory.resolve("packs/s1/1-0.part");
    }

    private static List<ChunkId> known(RepositoryFixture fixture, Attempt attempt) {
        return fixture.chunks.keySet().stream().filter(attempt::knows).toList();
    }

    @Test
    void all_that_was_written_is_there_for_the_next_attempt() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 21);
        Path part = abandoned(fixture);
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s1", null, "source");
                ChunkReader reader = repository.reader()) {
            assertThat(attempt.start()).isEqualTo(Start.RESUMED);
            assertThat(attempt.epoch()).isEqualTo(2);
            assertThat(attempt.tornBytes()).isZero();
            assertThat(known(fixture, attempt)).hasSameSizeAs(fixture.chunks.keySet());
            assertThat(attempt.lastDurable())
                    .isEqualTo(List.copyOf(fixture.chunks.keySet()).getLast());
            assertThat(attempt.lastRecordKey()).isEqualTo(RepositoryFixture.key(19));
            for (int key = 0; key < 20; key++) {
                assertThat(attempt.recorded(RepositoryFixture.key(key))).isEqualTo(fixture.records.get(key));
            }
            assertThat(attempt.recorded(RepositoryFixture.key(20))).isNull();
            ChunkId last = java.util.Objects.requireNonNull(attempt.lastDurable());
            assertThat(reader.read(last)).isEqualTo(fixture.chunks.get(last));
            assertThat(part).doesNotExist();
        }
    }

    @Test
    void a_tail_torn_anywhere_costs_only_what_was_torn() throws Exception {
        Random random = new Random(22);
        for (int round = 0; round < 12; round++) {
            RepositoryFixture fixture = new RepositoryFixture(base.resolve("round" + round), 2200 + round);
            Path part = abandoned(fixture);
            byte[] whole = Files.readAllBytes(part);
            int cut = random.nextInt(whole.length);
            byte[] torn = Arrays.copyOf(whole, cut + random.nextInt(5000));
            Files.write(part, torn);
            try (Repository repository = fixture.open();
                    Attempt attempt = repository.begin("s1", null, "source");
                    ChunkReader reader = repository.reader()) {
                assertThat(attempt.start()).isEqualTo(Start.RESUMED);
                List<ChunkId> known = known(fixture, attempt);
                assertThat(known).isEqualTo(List.copyOf(fixture.chunks.keySet()).subList(0, known.size()));
                for (ChunkId id : known) {
                    assertThat(reader.read(id)).isEqualTo(fixture.chunks.get(id));
                }
                assertThat(attempt.lastDurable()).isEqualTo(known.isEmpty() ? null : known.getLast());
                assertThat(attempt.tornBytes()).isLessThan(5000 + 16_000).isLessThanOrEqualTo(torn.length);
                for (String pack : repository.packs()) {
                    assertThat(repository.check(pack).problems()).isEmpty();
                }
            }
        }
    }

    @Test
    void a_last_block_that_went_bad_is_stepped_over_and_never_referred_to() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 23);
        abandoned(fixture);
        fixture.open().begin("s1", null, "source").close();
        Path pack = fixture.directory.resolve("packs/s1/1-0");
        List<ChunkId> all = List.copyOf(fixture.chunks.keySet());
        flipInFrameOf(fixture, pack, all.getLast());
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s1", null, "source")) {
            assertThat(attempt.start()).isEqualTo(Start.RESUMED_EARLIER);
            assertThat(attempt.knows(all.getLast())).isFalse();
            assertThat(attempt.lastDurable()).isNotNull().isNotEqualTo(all.getLast());
            attempt.commit(RepositoryFixture.draft(all.getFirst()));
        }
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s2", null, "source")) {
            assertThat(attempt.knows(all.getFirst())).isTrue();
            assertThat(attempt.knows(all.getLast())).isFalse();
        }
    }

    private static void flipInFrameOf(RepositoryFixture fixture, Path pack, ChunkId id) throws Exception {
        IndependentReader reader = new IndependentReader(fixture.directory, fixture.keyFile);
        byte[] bytes = Files.readAllBytes(pack);
        for (IndependentReader.Frame frame : reader.frames("packs/s1/1-0")) {
            if (frame.type() == 'D' && reader.members(frame).containsKey(id.hex())) {
                bytes[frame.offset() + frame.length() - 20] ^= 1;
            }
        }
        Files.write(pack, bytes);
    }

    @Test
    void the_newest_record_of_a_key_counts() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 24);
        byte[] one = RepositoryFixture.key(1);
        byte[] two = RepositoryFixture.key(2);
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s1", null, "source")) {
            PackWriter writer = attempt.newWriter();
            PackWriter other = attempt.newWriter();
            other.record(one, new byte[] {1});
            writer.record(one, new byte[] {2});
            other.record(two, new byte[] {3});
            other.publish();
            attempt.checkpoint();
        }
        for (int again = 0; again < 2; again++) {
            try (Repository repository = fixture.open();
                    Attempt attempt = repository.begin("s1", null, "source")) {
                assertThat(attempt.recorded(one)).containsExactly(2);
                assertThat(attempt.recorded(two)).containsExactly(3);
                attempt.checkpoint();
            }
        }
    }

    @Test
    void a_newer_attempt_fences_the_older_and_takes_what_it_wrote() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 25);
        try (Repository oldRepository = fixture.open();
                Attempt old = oldRepository.begin("s1", null, "source")) {
            PackWriter writer = old.newWriter();
            fixture.write(oldRepository, old, writer, 5, 3000);
            FutureTask<Boolean> fenced = new FutureTask<>(
                    () -> {
                        while (Files.notExists(fixture.directory.resolve("sessions/s1/open-2"))) {
                            LockSupport.parkNanos(1_000_000);
                        }
                        assertCode(Code.FENCED, () -> {
                            writer.record(RepositoryFixture.key(99), new byte[3]);
                            writer.sync();
                        });
                    },
                    true);
            Thread.ofVirtual().start(fenced);
            try (Repository repository = fixture.open();
                    Attempt attempt = repository.begin("s1", old.token(), "source")) {
                assertThat(fenced.get(30, TimeUnit.SECONDS)).isTrue();
                assertThat(attempt.epoch()).isEqualTo(2);
                assertThat(known(fixture, attempt)).hasSameSizeAs(fixture.chunks.keySet());
                assertCode(Code.FENCED, old::requireOwner);
                assertCode(Code.FENCED, old::checkpoint);
                assertCode(Code.FENCED, () -> old.commit(RepositoryFixture.draft()));
                assertCode(Code.FENCED, () -> old.finish("{}"));
                ChunkId root = fixture.chunks.keySet().iterator().next();
                attempt.commit(RepositoryFixture.draft(root));
            }
        }
    }

    @Test
    void committing_twice_makes_one_snapshot() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 26);
        Snapshot snapshot = fixture.commitOne("s1");
        for (String name : List.of("sessions/s1/closed", "snapshots/" + snapshot.id())) {
            Files.delete(fixture.directory.resolve(name));
            try (Repository repository = fixture.open();
                    Attempt attempt = repository.begin("s1", null, "source")) {
                String id =
                        attempt.commit(RepositoryFixture.draft(snapshot.root().getFirst()));
                assertThat(id).isEqualTo(snapshot.id());
                assertThat(repository.snapshots()).containsExactly(snapshot);
                assertThat(repository.sessionState("s1", null)).isEqualTo(new SessionState.Completed(snapshot));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "append-before:7",
        "append-after:7",
        "publish-before:1",
        "publish-after:1",
        "commit-packs:1",
        "commit-index:1",
        "commit-snapshot:1",
        "commit-closed:1"
    })
    void a_process_killed_between_two_writes_loses_nothing(String failpoint) throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 27);
        KilledChild.run(KilledWriter.class, failpoint, base);
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s1", null, "source")) {
            assertThat(attempt.start()).isEqualTo(Start.RESUMED);
            long expected =
                    switch (failpoint) {
                        case "append-before:7" -> 6;
                        case "append-after:7" -> 7;
                        default -> KilledWriter.CHUNKS;
                    };
            ChunkHasher hasher = repository.hasher();
            PackWriter writer = attempt.newWriter();
            long known = 0;
            for (int i = 0; i < KilledWriter.CHUNKS; i++) {
                byte[] chunk = KilledWriter.chunk(i);
                ChunkId id = hasher.id(chunk, 0, chunk.length);
                if (attempt.claim(id)) {
                    writer.data(List.of(new ChunkRef(id, 0, chunk.length)), chunk, 0, chunk.length);
                } else {
                    known++;
                }
            }
            assertThat(known).isEqualTo(expected);
            byte[] root = KilledWriter.chunk(0);
            String id = attempt.commit(RepositoryFixture.draft(hasher.id(root, 0, root.length)));
            assertThat(repository.snapshots()).singleElement().satisfies(snapshot -> assertThat(snapshot.id())
                    .isEqualTo(id));
            assertThat(repository.checkObjects()).isEmpty();
            for (String pack : repository.packs()) {
                assertThat(repository.check(pack).problems()).isEmpty();
            }
        }
    }

    @Test
    void garbage_in_place_of_a_part_is_cut_off() throws Exception {
        RepositoryFixture fixture = new RepositoryFixture(base, 28);
        Path part = abandoned(fixture);
        Files.write(part, new byte[9000], StandardOpenOption.TRUNCATE_EXISTING);
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s1", null, "source")) {
            assertThat(attempt.tornBytes()).isEqualTo(9000);
            assertThat(attempt.lastDurable()).isNull();
            assertThat(repository.packs()).isEmpty();
        }
    }
}
