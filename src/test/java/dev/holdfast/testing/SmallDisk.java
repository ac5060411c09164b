package dev.holdfast.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A file system of a few MiB in memory, in a user and mount namespace of its own: it needs no root, and goes with the
 * process that holds it. Processes that are started in the namespace see it at {@link #point}, all others at
 * {@link #path}.
 */
public final class SmallDisk implements AutoCloseable {
    private static final String MOUNT = "mount -t tmpfs -o mode=0700,size=$1 none \"$0\" && echo ready && read wait";

    private final Process keeper;
    private final Path point;

    private SmallDisk(Process keeper, Path point) {
        this.keeper = keeper;
        this.point = point;
    }

    /** One at a place of its own. Skips the test where the kernel gives no namespaces to this user. */
    public static SmallDisk of(long bytes) throws IOException {
        return mount(Files.createTempDirectory("holdfast-disk-"), bytes);
    }

    /** One at {@code point}, which is made if it is missing, and removed at the end. */
    public static SmallDisk mount(Path point, long bytes) throws IOException {
        Files.createDirectories(point);
        Process keeper = new ProcessBuilder("unshare", "-rm", "sh", "-c", MOUNT, point.toString(), Long.toString(bytes))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = keeper.inputReader();
        boolean mounted = "ready".equals(said.readLine());
        if (!mounted) {
            keeper.destroyForcibly();
            Files.delete(point);
        }
        assumeTrue(mounted, "this user cannot make a mount namespace (unshare -rm), so there is no small disk to fill");
        return new SmallDisk(keeper, point);
    }

    /** The command, run where the disk is seen; it keeps the process id. */
    public List<String> seenBy(List<String> command) {
        List<String> whole = new ArrayList<>(
                List.of("nsenter", "-t", Long.toString(keeper.pid()), "-U", "-m", "--preserve-credentials", "--wd=/"));
        whole.addAll(command);
        return whole;
    }

    /** Where it is for processes started with {@link #seenBy}. */
    public Path point() {
        return point;
    }

    /** Where it is for this process. */
    public Path path() {
        return fromOutside(point);
    }

    /** What processes started with {@link #seenBy} call {@code inside}, as this process sees it. */
    public Path fromOutside(Path inside) {
        return inside.startsWith(point)
                ? Path.of("/proc", Long.toString(keeper.pid()), "root")
                        .resolve(Path.of("/").relativize(inside))
                : inside;
    }

    public void resize(long bytes) throws IOException, InterruptedException {
        Process mount = new ProcessBuilder(seenBy(List.of("mount", "-o", "remount,size=" + bytes, point.toString())))
                .inheritIO()
                .start();
        if (!mount.waitFor(10, TimeUnit.SECONDS) || mount.exitValue() != 0) {
            throw new IOException("resize " + point + " to " + bytes + " bytes");
        }
    }

    /** Leaves no byte free. */
    public void fill() throws IOException {
        byte[] block = new byte[4096];
        try (var out = Files.newOutputStream(ballast())) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    /** Makes room again. */
    public void free() throws IOException {
        Files.delete(ballast());
    }

    private Path ballast() {
        return path().resolve("ballast");
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
