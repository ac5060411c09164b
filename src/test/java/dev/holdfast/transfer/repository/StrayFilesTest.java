package dev.holdfast.transfer.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies in a repository and is none of its objects, or no more. */
class StrayFilesTest {
    @TempDir
    Path base;

    private RepositoryFixture fixture;

    @BeforeEach
    void an_unfinished_session_among_strange_names() throws Exception {
        fixture = new RepositoryFixture(base, 5);
        fixture.commitOne("done");
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s", null, "source")) {
            fixture.write(repository, attempt, attempt.newWriter(), 5, 1000);
        }
        for (String name : List.of(".nfs0001", ".nfs0002.part", "notes", "notes.part", "1-x", "x-1.part", "-.part")) {
            Files.writeString(fixture.directory.resolve("packs/s").resolve(name), "stray");
        }
    }

    @Test
    void strange_names_keep_no_attempt_from_beginning() throws Exception {
        try (Repository repository = fixture.open();
                Attempt attempt = repository.begin("s", null, "source")) {
            assertThat(attempt.adoptedBytes()).isPositive();
            PackWriter writer = attempt.newWriter();
            attempt.commit(RepositoryFixture.draft(fixture.page(repository, attempt, writer, new byte[99])));
            assertThat(repository.packs()).isNotEmpty().allMatch(Sessions::isPack);
            assertThat(repository.checkObjects()).isEmpty();
        }
    }

    @Test
    void strange_names_and_a_damaged_session_keep_no_sweep_from_its_work() throws Exception {
        Path damaged =
                Files.createDirectories(fixture.directory.resolve("sessions/a")).resolve("open-1");
        Files.writeString(damaged, "damaged");
        Files.createDirectories(fixture.directory.resolve("packs/a"));
        Files.writeString(fixture.directory.resolve("packs/a/1-0"), "damaged");
        age(fixture.directory, Duration.ofDays(8));

        try (Repository repository = fixture.open()) {
            assertThat(repository.sweep()).isZero();
        }

        assertThat(fixture.directory.resolve("sessions/s/open-2")).exists();
    }

    @Test
    void what_a_crash_left_aside_goes_after_a_week() throws Exception {
        Path leftover = fixture.directory.resolve("sessions/s/.tmp-old");
        Path part = fixture.directory.resolve("packs/done/7-7.part");
        Files.writeString(leftover, "old");
        Files.writeString(part, "old");
        try (Repository repository = fixture.open()) {
            repository.sweep();
            assertThat(leftover).exists();
            assertThat(part).exists();
            age(fixture.directory, Duration.ofDays(8));
            Path young = fixture.directory.resolve("snapshots/.tmp-young");
            Files.writeString(young, "young");

            repository.sweep();

            assertThat(young).exists();
        }
        assertThat(leftover).doesNotExist();
        assertThat(part).doesNotExist();
    }

    private static void age(Path directory, Duration by) throws IOException {
        FileTime then = FileTime.from(Instant.now().minus(by));
        try (var files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(file, then);
            }
        }
    }
}
