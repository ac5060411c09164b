package dev.holdfast.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.random.RandomGenerator;

/** Makes trees of directories, small files, a few large ones, links and holes, from a seed. */
public final class RandomTree {
    private final RandomGenerator random;

    public RandomTree(RandomGenerator random) {
        this.random = random;
    }

    /** Every file is an hour old, so that nothing in the tree counts as just changed except by its ctime. */
    public void make(Path root, int files, int largeFiles) throws IOException {
        Files.createDirectories(root);
        Path directory = root;
        for (int i = 0; i < files; i++) {
            if (i % 12 == 0) {
                directory = root.resolve("d" + random.nextInt(Math.max(1, files / 24)))
                        .resolve("s" + i);
                Files.createDirectories(directory);
            }
            Path file = directory.resolve("f" + i);
            Files.write(file, bytes(smallSize()));
            old(file);
        }
        for (int i = 0; i < largeFiles; i++) {
            Path file = root.resolve("large" + i);
            Files.write(file, bytes(1 + random.nextInt(6 << 20)));
            old(file);
        }
        Files.createSymbolicLink(root.resolve("link"), Path.of("large0"));
        Files.createDirectory(root.resolve("empty"));
        if (files > 0) {
            Files.createLink(root.resolve("again"), directory.resolve("f" + (files - 1)));
        }
    }

    public byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        if (random.nextBoolean()) {
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) ('a' + (bytes[i] & 7));
            }
        }
        return bytes;
    }

    private int smallSize() {
        return random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(random.nextInt(10) == 0 ? 60_000 : 6_000);
    }

    private static void old(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(3600)));
    }
}
