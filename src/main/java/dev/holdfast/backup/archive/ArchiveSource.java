package dev.holdfast.backup.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the bytes of an archive come from, each time from its beginning.
 *
 * @param name for messages
 */
public record ArchiveSource(String name, Opening opening) {
    /** One reading of the bytes; unbuffered. */
    public interface Opening {
        InputStream open() throws IOException;
    }

    public static ArchiveSource file(Path file) {
        return new ArchiveSource(file.toString(), () -> {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new IOException("it is not a file");
            }
            return Files.newInputStream(file);
        });
    }
}
