package dev.holdfast.plugin;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Where plugin executables lie: every executable file at or below a directory, hidden ones apart, as with Velero. */
public final class PluginDirectory {
    private static final int DEPTH_MAX = 8;

    private PluginDirectory() {}

    /**
     * Sorted by path; empty if there is no such directory.
     *
     * @param unreadable is told of each place that cannot be looked into; the others count all the same
     */
    public static List<Path> executables(Path directory, BiConsumer<Path, IOException> unreadable) {
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return found;
        }
        try {
            Files.walkFileTree(directory, Set.<FileVisitOption>of(), DEPTH_MAX, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    return hidden(directory.relativize(folder))
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (!hidden(directory.relativize(file)) && Files.isRegularFile(file) && Files.isExecutable(file)) {
                        found.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path place, IOException e) {
                    unreadable.accept(place, e);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
                    if (e != null) {
                        unreadable.accept(folder, e);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            unreadable.accept(directory, e);
        }
        Collections.sort(found);
        return found;
    }

    private static boolean hidden(Path below) {
        return below.getFileName().toString().startsWith(".");
    }
}
