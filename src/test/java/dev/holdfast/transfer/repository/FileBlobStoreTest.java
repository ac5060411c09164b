package dev.holdfast.transfer.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobStoreTest extends BlobStoreContract {
    @TempDir
    Path directory;

    @Override
    BlobStore store() {
        return new FileBlobStore(directory);
    }

    @Test
    void a_place_that_cannot_be_looked_at_is_not_taken_for_empty() throws IOException {
        Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));
        assertThatThrownBy(() -> store().exists("loop/open-2")).isInstanceOf(IOException.class);
        assertThat(store().exists("loop")).isTrue();
    }
}
