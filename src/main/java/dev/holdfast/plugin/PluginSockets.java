package dev.holdfast.plugin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Where plugins put their sockets: each process has a folder of its own below one that is the agent's, so that the next
 * agent knows what a killed one has left.
 */
final class PluginSockets {
    /** Of the path of a Unix socket, as the system has it. */
    private static final int PATH_BYTES_MAX = 107;
    /** What go-plugin calls a socket, {@code plugin1234567890}, or we, {@code plugin-1234567.sock}; with the slash. */
    private static final int NAME_BYTES = 20;

    private static final int RANDOM = 8;
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path folder;

    PluginSockets(Path folder) {
        this.folder = folder;
    }

    /** A folder for one process; where the path would be too long for a socket, among the temporary files. */
    Path make(Consumer<String> log) throws IOException {
        Path own = folder.resolve(UUID.randomUUID().toString().substring(0, RANDOM));
        int bytes = own.toString().getBytes(StandardCharsets.UTF_8).length + NAME_BYTES;
        if (bytes > PATH_BYTES_MAX) {
            Path other = Files.createTempDirectory("holdfast-plugin");
            log.accept("a socket in " + folder + " would have a path of " + bytes + " bytes, " + PATH_BYTES_MAX
                    + " are possible: it goes to " + other + ", where nobody removes what a killed agent leaves;"
                    + " give holdfast.run-dir a shorter path");
            return other;
        }
        Files.createDirectories(folder, PRIVATE);
        return Files.createDirectory(own, PRIVATE);
    }

    /** Removes what is in there. */
    static void empty(Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
                left.forEach(PluginSockets::remove);
            }
        }
    }

    /** Removes the folder of one process. */
    static void remove(Path own) {
        try {
            if (Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS)) {
                try (DirectoryStream<Path> left = Files.newDirectoryStream(own)) {
                    for (Path file : left) {
                        Files.deleteIfExists(file);
                    }
                }
            }
            Files.deleteIfExists(own);
        } catch (IOException e) {
            // Nothing but a dead socket is in it, and the next start of an agent tries again.
        }
    }
}
