package dev.holdfast.mover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.mover.MoverProgram.Identity;
import dev.holdfast.testing.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MoverProgramTest {
    private static final Path PROC = Path.of("/proc");
    private static final Path SLEEP = Path.of("/bin/sleep");

    @TempDir
    Path state;

    Path image;
    MoverProgram program;

    @BeforeEach
    void a_program_that_lies_somewhere_else() throws IOException {
        image = Files.copy(SLEEP, state.resolve("image"));
        program = new MoverProgram(state, PROC);
    }

    @Test
    void a_program_stays_put_only_if_its_name_and_its_disk_last() {
        Identity running = new Identity(1, 10);

        assertThat(MoverProgram.staysPut(running, running, new Identity(1, 99))).isTrue();
        assertThat(MoverProgram.staysPut(running, running, new Identity(2, 99))).isFalse();
        assertThat(MoverProgram.staysPut(running, new Identity(1, 11), new Identity(1, 99)))
                .isFalse();
        assertThat(MoverProgram.staysPut(running, null, new Identity(1, 99))).isFalse();
    }

    @Test
    void only_versions_that_nothing_runs_from_are_obsolete() {
        Path bin = Path.of("/s/bin");
        Set<Path> versions = Set.of(bin.resolve("1"), bin.resolve("2"), bin.resolve("3"), bin.resolve("30"));

        assertThat(MoverProgram.obsolete(versions, bin.resolve("2"), Set.of(bin.resolve("3/holdfast"))))
                .containsExactlyInAnyOrder(bin.resolve("1"), bin.resolve("30"));
    }

    @Test
    void a_program_next_to_the_state_is_not_copied() throws IOException {
        assertThat(program.install(image, image, "1.0")).isEqualTo(image);
        assertThat(state.resolve("bin")).doesNotExist();
    }

    @Test
    void a_program_whose_name_is_gone_is_copied_and_runs() throws Exception {
        Path copy = program.install(image, state.resolve("replaced (deleted)"), "1.0");

        assertThat(copy).isEqualTo(state.resolve("bin/1.0/holdfast")).hasSameBinaryContentAs(image);
        assertThat(new ProcessBuilder(copy.toString(), "0").start().waitFor()).isZero();
    }

    @Test
    void a_copy_that_is_right_is_kept_and_a_damaged_one_replaced() throws IOException {
        Path copy = program.install(image, state.resolve("gone"), "1.0");
        Object first = Files.getAttribute(copy, "unix:ino");

        assertThat(Files.getAttribute(program.install(image, state.resolve("gone"), "1.0"), "unix:ino"))
                .isEqualTo(first);

        byte[] bytes = Files.readAllBytes(copy);
        bytes[bytes.length / 2] ^= 1;
        Files.write(copy, bytes);
        Files.writeString(copy.resolveSibling(".holdfast.new"), "what a crash left");
        assertThat(program.install(image, state.resolve("gone"), "1.0")).hasSameBinaryContentAs(image);
        assertThat(copy.getParent()).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void a_version_goes_when_the_last_process_that_runs_from_it_is_gone() throws Exception {
        Path old = program.install(image, state.resolve("gone"), "1.0");
        Process mover = new ProcessBuilder(List.of(old.toString(), "600")).start();
        try {
            Files.write(image, new byte[] {0}, StandardOpenOption.APPEND);

            assertThat(program.install(image, state.resolve("gone"), "2.0")).exists();
            assertThat(old).exists();
        } finally {
            mover.destroyForcibly();
        }
        assertThat(mover.waitFor(10, TimeUnit.SECONDS)).isTrue();

        program.install(image, state.resolve("gone"), "2.0");
        assertThat(old.getParent()).doesNotExist();
        assertThat(state.resolve("bin/2.0/holdfast")).exists();
    }

    @Test
    void a_disk_without_room_is_named_and_nothing_half_written_stays() throws Exception {
        try (SmallDisk disk = SmallDisk.of(64 << 10)) {
            MoverProgram there = new MoverProgram(disk.path(), PROC);
            Path large = Files.write(state.resolve("large"), new byte[1 << 20]);

            assertThatThrownBy(() -> there.install(large, large, "1.0"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll(
                            large.toString(),
                            disk.path().resolve("bin/1.0/holdfast").toString())
                    .hasMessageContainingAll("No space left on device", "make room");
            assertThat(disk.path().resolve("bin/1.0")).isEmptyDirectory();
        }
    }
}
