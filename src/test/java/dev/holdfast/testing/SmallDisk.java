package dev.holdfast.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A file system of a few kilobytes that needs no root: it lives in the mount namespace of a process and is seen through
 * {@code /proc}; when that process ends, it is gone.
 */
public final class SmallDisk implements AutoCloseable {
    private final Process keeper;
    private final Path point;
    private final Path path;

    private SmallDisk(Process keeper, Path point, Path path) {
        this.keeper = keeper;
        this.point = point;
        this.path = path;
    }

    public static SmallDisk of(long bytes) {
        try {
            Path point = Files.createTempDirectory("holdfast-disk-");
            String script =
                    "mount -t tmpfs -o mode=0700,size=" + bytes + " none " + point + " && echo ready && read wait";
            Process keeper = new ProcessBuilder("unshare", "--map-root-user", "--mount", "sh", "-c", script)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader said = keeper.inputReader();
            if (!"ready".equals(said.readLine())) {
                throw new IllegalStateException("a disk for tests needs user namespaces (unshare -rm), or root");
            }
            Path seen = Path.of("/proc/" + keeper.pid() + "/root" + point);
            return new SmallDisk(keeper, point, seen);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it is, for this and every other process of the machine. */
    public Path path() {
        return path;
    }

    private Path ballast() {
        return path.resolve("ballast");
    }

    /** Leaves no byte free. */
    public void fill() {
        byte[] block = new byte[4096];
        try (var out = Files.newOutputStream(ballast())) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Makes room again. */
    public void free() {
        try {
            Files.delete(ballast());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        keeper.destroyForcibly();
        try {
            keeper.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(point);
    }
}
