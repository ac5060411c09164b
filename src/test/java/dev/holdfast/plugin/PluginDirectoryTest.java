package dev.holdfast.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are taken for plugins. */
class PluginDirectoryTest {
    private static final int NAME = 250;

    private final List<Path> unreadable = new ArrayList<>();

    @TempDir
    private Path folder;

    @Test
    void executables_count_and_hidden_ones_do_not() throws IOException {
        Path b = executable(folder.resolve("b"));
        Path a = executable(folder.resolve("sub/a"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), b);
        executable(folder.resolve(".hidden"));
        executable(folder.resolve("..data/c"));
        Files.writeString(folder.resolve("README"), "");
        assertThat(found(folder)).containsExactly(b, link, a);
        assertThat(found(folder.resolve("none"))).isEmpty();
        assertThat(unreadable).isEmpty();
    }

    /** Root may read everything, but no path that is too long. */
    @Test
    void place_that_cannot_be_looked_into_costs_itself_alone() throws IOException {
        Path base = folder;
        for (int bytes = folder.toString().length(); bytes + 2 * NAME < 4096; bytes += NAME + 1) {
            base = base.resolve("d".repeat(NAME));
        }
        Files.createDirectories(base);
        Path good = executable(base.resolve("good"));
        Path movable = folder.resolve("x");
        Files.createDirectories(movable.resolve("e".repeat(NAME)).resolve("f".repeat(NAME)));
        Files.move(movable, base.resolve("x"));
        try {
            assertThat(found(base)).containsExactly(good);
            assertThat(unreadable).isNotEmpty();
        } finally {
            Files.move(base.resolve("x"), movable);
        }
    }

    private List<Path> found(Path directory) {
        return PluginDirectory.executables(directory, (place, _) -> unreadable.add(place));
    }

    private static Path executable(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
