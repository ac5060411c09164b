package dev.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.AgentConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DirectoriesTest {
    private static final Surroundings ROOT = new Surroundings(0, Path.of("/root"), false);
    private static final Surroundings USER = new Surroundings(1000, Path.of("/home/u"), false);

    @Test
    void root_uses_the_directories_of_the_system() {
        assertThat(Directories.choose(config(null, null), ROOT))
                .isEqualTo(new Directories(Path.of("/var/lib/holdfast"), Path.of("/run/holdfast")));
    }

    @Test
    void others_use_their_home() {
        assertThat(Directories.choose(config(null, null), USER))
                .isEqualTo(new Directories(
                        Path.of("/home/u/.local/state/holdfast"), Path.of("/home/u/.local/state/holdfast/run")));
    }

    @Test
    void another_state_directory_has_its_own_sockets() {
        assertThat(Directories.choose(config("/data", null), ROOT))
                .isEqualTo(new Directories(Path.of("/data"), Path.of("/data/run")));
    }

    @Test
    void what_is_set_wins() {
        assertThat(Directories.choose(config("/data", "/tmp/r"), ROOT))
                .isEqualTo(new Directories(Path.of("/data"), Path.of("/tmp/r")));
    }

    private static AgentConfig config(@Nullable String state, @Nullable String run) {
        return new AgentConfig() {
            @Override
            public Optional<Path> stateDir() {
                return Optional.ofNullable(state).map(Path::of);
            }

            @Override
            public Optional<Path> runDir() {
                return Optional.ofNullable(run).map(Path::of);
            }
        };
    }
}
