package dev.holdfast.processes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A file system of a few MiB in memory, in a user and mount namespace of its own: it needs no root, is seen only by the
 * processes that are started in it, and goes with the one that holds it.
 */
final class SmallDisk implements AutoCloseable {
    private static final String MOUNT = "mount -t tmpfs -o size=\"$1\"m none \"$0\" && echo mounted && exec cat";

    private final Process holder;
    private final Path path;

    private SmallDisk(Process holder, Path path) {
        this.holder = holder;
        this.path = path;
    }

    /** Skips the test where the kernel gives no namespaces to this user. */
    static SmallDisk mount(Path path, int mebibytes) throws IOException {
        Files.createDirectories(path);
        Process holder = new ProcessBuilder(
                        "unshare", "-rm", "sh", "-c", MOUNT, path.toString(), Integer.toString(mebibytes))
                .redirectErrorStream(true)
                .start();
        byte[] said = new byte[7];
        int length = holder.getInputStream().readNBytes(said, 0, said.length);
        boolean mounted = new String(said, 0, length, StandardCharsets.UTF_8).equals("mounted");
        if (!mounted) {
            holder.destroyForcibly();
        }
        assumeTrue(mounted, "this user cannot make a mount namespace (unshare -rm), so there is no small disk to fill");
        return new SmallDisk(holder, path);
    }

    /** The command, run where the disk is seen; it keeps the process id. */
    List<String> seenBy(List<String> command) {
        List<String> whole = new ArrayList<>(
                List.of("nsenter", "-t", Long.toString(holder.pid()), "-U", "-m", "--preserve-credentials", "--wd=/"));
        whole.addAll(command);
        return whole;
    }

    /** Where its files are for this process. */
    Path here() {
        return Path.of("/proc", Long.toString(holder.pid()), "root")
                .resolve(Path.of("/").relativize(path));
    }

    void resize(int mebibytes) throws IOException, InterruptedException {
        Process mount = new ProcessBuilder(
                        seenBy(List.of("mount", "-o", "remount,size=" + mebibytes + "m", path.toString())))
                .inheritIO()
                .start();
        if (!mount.waitFor(10, TimeUnit.SECONDS) || mount.exitValue() != 0) {
            throw new IOException("resize " + path + " to " + mebibytes + " MiB");
        }
    }

    @Override
    public void close() {
        holder.destroyForcibly();
    }
}
