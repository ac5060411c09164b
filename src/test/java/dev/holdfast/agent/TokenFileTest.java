package dev.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
    @TempDir
    Path state;

    @Test
    void is_made_once_and_only_for_its_owner() throws IOException {
        TokenFile.readOrMake(state);
        String first = Files.readString(state.resolve("api.token"));
        TokenFile.readOrMake(state);

        assertThat(state.resolve("api.token")).hasContent(first);
        assertThat(first.strip()).hasSize(64);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("api.token"))))
                .isEqualTo("rw-------");
    }

    @Test
    void one_that_was_cut_short_is_replaced() throws IOException {
        Files.writeString(state.resolve("api.token"), "abc");

        TokenFile.readOrMake(state);

        assertThat(Files.readString(state.resolve("api.token")).strip()).hasSize(64);
    }
}
