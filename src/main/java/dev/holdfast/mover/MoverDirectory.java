package dev.holdfast.mover;

import dev.holdfast.session.SessionId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code <state>/movers/<id>/}: what is known about the movers of one session. */
final class MoverDirectory {
    private static final int TAIL_BYTES = 4096;
    private static final int TAIL_LINES = 5;
    private static final long LOG_BYTES_MAX = 1 << 20;

    private final Path path;

    MoverDirectory(Path stateDir, SessionId session) {
        this.path = stateDir.resolve("movers").resolve(session.value());
    }

    Path path() {
        return path;
    }

    Path bootstrap() {
        return path.resolve("bootstrap.json");
    }

    Path log() {
        return path.resolve("mover.log");
    }

    boolean exists() {
        return Files.isDirectory(path);
    }

    /** Makes the directory, or takes the one of an earlier generation without its last words. */
    void prepare(int generation) throws IOException {
        Path movers = path.getParent();
        if (movers != null) {
            makePrivate(movers);
        }
        makePrivate(path);
        clear(generation);
        if (Files.exists(log()) && Files.size(log()) > LOG_BYTES_MAX) {
            Files.move(log(), path.resolve("mover.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Removes what belongs to a generation. Claims of earlier ones stay: they keep a late mover from starting work. */
    void clear(int generation) throws IOException {
        for (String name : List.of("bootstrap.json", "handle.json", "result.json", "progress", "claim." + generation)) {
            Files.deleteIfExists(path.resolve(name));
        }
    }

    /** Makes a directory that is nobody else's to look into. */
    static void makePrivate(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Whether the mover of this generation noted that it ran out of memory. */
    boolean outOfMemory(int generation) {
        return Files.exists(path.resolve("oom." + generation));
    }

    /** The end of the log, for a message; empty if there is none. */
    String lastWords() {
        try (RandomAccessFile log = new RandomAccessFile(log().toFile(), "r")) {
            log.seek(Math.max(0, log.length() - TAIL_BYTES));
            byte[] tail = new byte[TAIL_BYTES];
            int length = Math.max(0, log.read(tail));
            List<String> lines = new String(tail, 0, length, StandardCharsets.UTF_8)
                    .strip()
                    .lines()
                    .toList();
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "";
        }
    }

    /** Removes everything. A crash in between leaves a hidden directory that the next call removes. */
    void delete() throws IOException {
        Path doomed = path.resolveSibling("." + path.getFileName() + ".gone");
        deleteTree(doomed);
        try {
            Files.move(path, doomed, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return;
        }
        deleteTree(doomed);
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
