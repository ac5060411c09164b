package dev.holdfast.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compares two trees entry by entry, knowing nothing of how the second was made. */
final class TreeComparison {
    private static final int DIFFERENCES_MAX = 1000;
    private static final String ATTRIBUTES = "unix:mode,uid,gid,ino,nlink,size,lastModifiedTime";

    private final Path left;
    private final Path right;
    private final List<String> differences = new ArrayList<>();
    private final Map<Object, Object> twins = new HashMap<>();
    private SourceTree.Size done = new SourceTree.Size(0, 0);

    TreeComparison(Path left, Path right) {
        this.left = left;
        this.right = right;
    }

    void run(Consumer<SourceTree.Size> progress) throws IOException {
        entry(left, right, progress);
    }

    /** One sentence each; at most 1000. */
    List<String> differences() {
        return List.copyOf(differences);
    }

    SourceTree.Size done() {
        return done;
    }

    private void entry(Path a, Path b, Consumer<SourceTree.Size> progress) throws IOException {
        if (!Files.exists(b, LinkOption.NOFOLLOW_LINKS)) {
            differ(a, "is missing");
            return;
        }
        Map<String, Object> one = Files.readAttributes(a, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        Map<String, Object> two = Files.readAttributes(b, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        for (String name : List.of("mode", "uid", "gid", "lastModifiedTime")) {
            same(a, name, one.get(name), two.get(name));
        }
        long bytes = 0;
        if (Files.isSymbolicLink(a)) {
            same(a, "link target", Files.readSymbolicLink(a), Files.readSymbolicLink(b));
        } else if (Files.isDirectory(a, LinkOption.NOFOLLOW_LINKS)) {
            directory(a, b, progress);
        } else {
            same(a, "link count", one.get("nlink"), two.get("nlink"));
            if (one.get("nlink") instanceof Integer links && links > 1) {
                Object twin = twins.putIfAbsent(one.get("ino"), two.get("ino"));
                same(a, "hard links", twin == null ? two.get("ino") : twin, two.get("ino"));
            }
            bytes = content(a, b);
        }
        done = done.plus(1, bytes);
        progress.accept(done);
    }

    private void directory(Path a, Path b, Consumer<SourceTree.Size> progress) throws IOException {
        SortedSet<Path> names = names(a);
        SortedSet<Path> others = names(b);
        for (Path name : names) {
            entry(a.resolve(name), b.resolve(name), progress);
        }
        others.removeAll(names);
        for (Path name : others) {
            differ(a.resolve(name), "was not in the source");
        }
    }

    private long content(Path a, Path b) throws IOException {
        long at = Files.mismatch(a, b);
        if (at >= 0) {
            differ(a, "content differs at byte " + at);
        }
        return Files.size(a);
    }

    private void same(Path path, String what, @Nullable Object one, @Nullable Object two) {
        if (!java.util.Objects.equals(one, two)) {
            differ(path, what + ": " + one + " became " + two);
        }
    }

    private void differ(Path path, String how) {
        if (differences.size() < DIFFERENCES_MAX) {
            differences.add(left.relativize(path) + " " + how);
        }
    }

    private static SortedSet<Path> names(Path directory) throws IOException {
        TreeSet<Path> names = new TreeSet<>();
        try (Stream<Path> entries = Files.list(directory)) {
            entries.forEach(entry -> names.add(entry.getFileName()));
        }
        return names;
    }
}
