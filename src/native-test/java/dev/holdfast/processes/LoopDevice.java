package dev.holdfast.processes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A block device over a file. */
final class LoopDevice implements AutoCloseable {
    private final Path device;

    private LoopDevice(Path device) {
        this.device = device;
    }

    /** Makes the file if it is missing. Skips the test where this user, or this kernel, can have no such device. */
    static LoopDevice over(Path file, long bytes) throws IOException, InterruptedException {
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(bytes);
        }
        assumeTrue(
                Files.isWritable(Path.of("/dev/loop-control")),
                "needs root and loop devices, to have a block device of its own");
        Process setup = new ProcessBuilder("losetup", "--find", "--show", file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(setup.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assumeTrue(setup.waitFor() == 0, "needs a loop device: " + said);
        return new LoopDevice(Path.of(said));
    }

    /** Where it is. */
    Path path() {
        return device;
    }

    @Override
    public void close() throws IOException {
        Process detach = new ProcessBuilder("losetup", "--detach", device.toString())
                .inheritIO()
                .start();
        try {
            if (!detach.waitFor(10, TimeUnit.SECONDS) || detach.exitValue() != 0) {
                throw new IOException("detach " + device);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
