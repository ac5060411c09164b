package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where an archive of a repository is put to look into it. */
class ArchiveOptionsTest {
    @TempDir
    private Path directory;

    @Test
    void archive_goes_below_the_state_directory() throws Exception {
        Path state = directory.resolve("state");
        Path first = ArchiveOptions.folder(state);
        assertThat(first).isEmptyDirectory().hasParent(state.resolve("looks"));
        assertThat(ArchiveOptions.folder(state)).isNotEqualTo(first);
        assertThat(Files.getPosixFilePermissions(first)).hasSize(3);
    }

    @Test
    void state_directory_that_cannot_be_written_is_named() throws Exception {
        Path state = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> ArchiveOptions.folder(state))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("make a folder in " + state.resolve("looks"))
                .hasMessageContaining("HOLDFAST_STATE_DIR");
    }
}
