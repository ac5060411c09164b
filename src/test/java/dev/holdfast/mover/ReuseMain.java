package dev.holdfast.mover;

import dev.holdfast.mover.protocol.ProcessTable;
import dev.holdfast.session.MoverHandle;
import dev.holdfast.session.Movers.Finding;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs as the agent of a process id namespace of its own: ends a stand-in for a mover, makes the kernel give its
 * process id to a stranger, then examines and stops "the mover". Arguments: directory, number of reuses. Writes one
 * line: how many were reused, recognised, and hit.
 */
final class ReuseMain {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ProcessMovers movers;
    private final ProcessTable table = new ProcessTable(Path.of("/proc"));
    private final String bootId;
    private int recognised;
    private int hit;

    private ReuseMain(Path root) throws IOException {
        movers = new ProcessMovers(new MoverBench(root).settings());
        bootId = table.bootId();
    }

    public static void main(String[] args) throws Exception {
        ReuseMain main = new ReuseMain(Path.of(args[0]));
        int wanted = Integer.parseInt(args[1]);
        int reused = 0;
        for (int attempt = 0; reused < wanted && attempt < 2 * wanted; attempt++) {
            reused += main.reuse() ? 1 : 0;
        }
        try (PrintStream result = new PrintStream(Path.of(args[0], "result").toFile())) {
            result.print("reused " + reused + " recognised " + main.recognised + " hit " + main.hit);
        }
        System.exit(0);
    }

    /** False if the kernel gave the process id to somebody else. */
    private boolean reuse() throws Exception {
        Process mover = sleeper();
        long ticks = table.entry(mover.pid()).orElseThrow().startTicks();
        awaitNextTick();
        mover.destroyForcibly().waitFor();
        Files.writeString(Path.of("/proc/sys/kernel/ns_last_pid"), Long.toString(mover.pid() - 1));
        Process stranger = sleeper();
        try {
            if (stranger.pid() != mover.pid()) {
                return false;
            }
            long strangersTicks = table.entry(stranger.pid()).orElseThrow().startTicks();
            judge(new MoverHandle(1, MoverBench.NONCE, mover.pid(), ticks, bootId, null, Path.of("/nowhere/s.sock")));
            hit += lives(stranger.pid(), strangersTicks) ? 0 : 1;
            return true;
        } finally {
            stranger.destroyForcibly().waitFor();
        }
    }

    /** Asks the kernel: the JDK may take a process for its predecessor of the same id, and so for ended. */
    private boolean lives(long pid, long startTicks) throws IOException {
        return table.entry(pid)
                .filter(entry -> entry.startTicks() == startTicks && !entry.zombie())
                .isPresent();
    }

    private void judge(MoverHandle mover) throws Exception {
        Finding finding = movers.examine(MoverBench.SESSION, 1, MoverBench.NONCE, mover, Duration.ofSeconds(1));
        boolean gone = movers.stop(MoverBench.SESSION, mover, Duration.ZERO);
        movers.exit(mover).toCompletableFuture().get(5, TimeUnit.SECONDS);
        if (finding instanceof Finding.Foreign && gone) {
            recognised++;
        }
    }

    private static Process sleeper() throws IOException {
        return new ProcessBuilder("sleep", "1000").start();
    }

    /** A mover that lived for less than one tick of the kernel cannot be told from what follows it. */
    private static void awaitNextTick() {
        long until = System.nanoTime() + 2 * TICK_NANOS;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    static @Nullable String resultOf(Path root) throws IOException {
        Path result = root.resolve("result");
        return Files.exists(result) ? Files.readString(result) : null;
    }
}
