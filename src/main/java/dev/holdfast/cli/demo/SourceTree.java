package dev.holdfast.cli.demo;

import dev.holdfast.cli.CliException;
import dev.holdfast.cli.ExitCode;
import dev.holdfast.cli.Figures;
import dev.holdfast.linux.Reason;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A copy of real files that every machine has, large enough to be interrupted: links stay links, times and modes are
 * kept, what cannot be read is left out.
 */
final class SourceTree {
    /** How much there is. */
    record Size(long entries, long bytes) {
        Size plus(long moreEntries, long moreBytes) {
            return new Size(entries + moreEntries, bytes + moreBytes);
        }
    }

    private final Path target;
    private final long bytesMin;
    private final long entriesMin;
    private final List<String> takenFrom = new ArrayList<>();
    private final Map<Object, Path> linked = new HashMap<>();
    private Size size = new Size(1, 0);

    SourceTree(Path target, long bytesMin, long entriesMin) {
        this.target = target;
        this.bytesMin = bytesMin;
        this.entriesMin = entriesMin;
    }

    /** Where the files came from. */
    List<String> takenFrom() {
        return List.copyOf(takenFrom);
    }

    /** Copies candidates until there is enough. */
    Size gather(Consumer<Size> soFar) throws CliException {
        try {
            Files.createDirectories(target);
            for (Path candidate : candidates()) {
                if (enough()) {
                    break;
                }
                takenFrom.add(candidate.toString());
                Path into = target.resolve(String.valueOf(candidate.getFileName()) + "-" + takenFrom.size());
                Files.walkFileTree(candidate, new Copier(candidate, into, soFar));
            }
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.FAILED,
                    "copy a tree to " + target + ": " + Reason.of(e) + "; is there room? see --folder",
                    e);
        }
        if (!enough()) {
            throw new CliException(
                    ExitCode.FAILED,
                    "find a real tree of " + Figures.bytes(bytesMin) + " and " + Figures.count(entriesMin)
                            + " entries: this machine has " + Figures.bytes(size.bytes()) + " and "
                            + Figures.count(size.entries()) + " in " + takenFrom);
        }
        return size;
    }

    private boolean enough() {
        return size.bytes() >= bytesMin && size.entries() >= entriesMin;
    }

    private static List<Path> candidates() throws IOException {
        String home = System.getProperty("user.home", "/root");
        Set<Path> found = new LinkedHashSet<>();
        for (String candidate : List.of(
                "/usr/share",
                System.getProperty("java.home", "/usr/lib/jvm"),
                "/usr/lib/jvm",
                home + "/.m2/repository",
                "/usr/include",
                home + "/.sdkman/candidates/java",
                "/usr/lib",
                "/usr/local",
                "/opt",
                "/usr/bin")) {
            Path path = Path.of(candidate);
            if (Files.isDirectory(path)) {
                Path real = path.toRealPath();
                if (found.stream().noneMatch(real::startsWith)) {
                    found.add(real);
                }
            }
        }
        return List.copyOf(found);
    }

    /** Copies one candidate; stops as soon as there is enough. */
    private final class Copier extends SimpleFileVisitor<Path> {
        private final Path from;
        private final Path into;
        private final Consumer<Size> soFar;

        Copier(Path from, Path into, Consumer<Size> soFar) {
            this.from = from;
            this.into = into;
            this.soFar = soFar;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
            if (directory.startsWith(target) || !Files.isReadable(directory) || !Files.isExecutable(directory)) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(place(directory));
            size = size.plus(1, 0);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Path copy = place(file);
            if (attributes.isSymbolicLink()) {
                Files.createSymbolicLink(copy, Files.readSymbolicLink(file));
                size = size.plus(1, 0);
            } else if (attributes.isRegularFile() && Files.isReadable(file)) {
                copy(file, copy, attributes);
            }
            soFar.accept(size);
            return enough() ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
        }

        private void copy(Path file, Path copy, BasicFileAttributes attributes) throws IOException {
            Object links = Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
            Object key = attributes.fileKey();
            @Nullable
            Path first =
                    links instanceof Integer count && count > 1 && key != null ? linked.putIfAbsent(key, copy) : null;
            if (first != null) {
                Files.createLink(copy, first);
                size = size.plus(1, 0);
            } else {
                Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
                size = size.plus(1, attributes.size());
            }
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
            Files.setLastModifiedTime(place(directory), Files.getLastModifiedTime(directory));
            return FileVisitResult.CONTINUE;
        }

        private Path place(Path path) {
            return into.resolve(from.relativize(path));
        }
    }
}
