package dev.holdfast.mover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.mover.protocol.ProcessTable;
import dev.holdfast.mover.protocol.ProgressFile;
import dev.holdfast.mover.protocol.Reply;
import dev.holdfast.mover.protocol.Status;
import dev.holdfast.mover.protocol.Wire;
import dev.holdfast.session.MoverHandle;
import dev.holdfast.session.Movers.Finding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What looks like a mover but is not one is neither trusted nor touched. The stranger is a sleeping process. */
class IdentityTest {
    private static final Duration GRACE = Duration.ofMillis(100);

    private static final Status STATUS =
            new Status(Instant.EPOCH, 0, -1, 0, -1, 0, 0, 0, 0, "", List.of(), null, null, 0, -1, true);

    private MoverBench bench;
    private ProcessMovers movers;
    private Process stranger;
    private Path socket;

    @BeforeEach
    void open(@TempDir Path root) throws IOException {
        bench = new MoverBench(root);
        movers = new ProcessMovers(bench.settings());
        stranger = new ProcessBuilder("sleep", "1000").start();
        socket = root.resolve("stranger.sock");
        Files.createDirectories(bench.directory());
    }

    @AfterEach
    void close() throws Exception {
        stranger.destroyForcibly().waitFor();
        movers.close();
        bench.close();
    }

    @Test
    void process_id_with_other_start_ticks_is_foreign_and_not_signalled() throws Exception {
        new ProgressFile(1, STATUS).write(bench.directory());
        MoverHandle mover = handle(1, bootId());

        assertThat(examine(mover)).isInstanceOfSatisfying(Finding.Foreign.class, foreign -> {
            assertThat(foreign.what()).contains(Long.toString(stranger.pid()));
            assertThat(foreign.lastKnown()).isNotNull();
        });
        assertThat(movers.stop(MoverBench.SESSION, mover, GRACE)).isTrue();
        assertThat(movers.exit(mover).toCompletableFuture()).succeedsWithin(MoverBench.LONG);
        assertThat(stranger.isAlive()).isTrue();
    }

    @Test
    void other_boot_means_gone_whatever_has_its_process_id() throws Exception {
        MoverHandle mover = handle(0, "another-boot");

        assertThat(examine(mover)).isInstanceOf(Finding.Gone.class);
        assertThat(movers.stop(MoverBench.SESSION, mover, GRACE)).isTrue();
        assertThat(stranger.isAlive()).isTrue();
    }

    @Test
    void socket_whose_listener_cannot_prove_the_nonce_is_silence() throws Exception {
        MoverHandle mover = handle(0, bootId());
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofPlatform().daemon().start(() -> lie(server));

            assertThat(examine(mover)).isInstanceOf(Finding.Silent.class);
            assertThat(movers.cancel(MoverBench.SESSION, mover, GRACE)).isFalse();
        }
    }

    @Test
    void handle_file_with_another_nonce_is_not_ours() throws Exception {
        new dev.holdfast.mover.protocol.HandleFile(
                        1, "not-the-nonce", stranger.pid(), ticks(), bootId(), null, false, socket)
                .claim(bench.directory());

        assertThat(examine(null)).isInstanceOf(Finding.Gone.class);
    }

    @Test
    void zombie_is_gone() throws Exception {
        // The shell starts a child that ends at once and then becomes a program that collects nothing.
        Process parent = new ProcessBuilder("sh", "-c", "sh -c 'echo $$' & exec sleep 1000").start();
        try {
            long pid = Long.parseLong(parent.inputReader().readLine().strip());
            ProcessTable table = new ProcessTable(Path.of("/proc"));
            MoverBench.until(() -> zombie(table, pid));
            MoverHandle mover = new MoverHandle(
                    1, MoverBench.NONCE, pid, table.entry(pid).orElseThrow().startTicks(), bootId(), null, socket);

            assertThat(examine(mover)).isInstanceOf(Finding.Gone.class);
            assertThat(movers.stop(MoverBench.SESSION, mover, GRACE)).isTrue();
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }

    private static boolean zombie(ProcessTable table, long pid) {
        try {
            return table.entry(pid).orElseThrow().zombie();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void commands_that_cannot_start_a_mover_leave_nothing_but_a_message() throws Exception {
        bench.close();
        movers.forget(MoverBench.SESSION);
        for (List<String> command :
                List.of(List.of("/nowhere/holdfast"), List.of("sh", "-c", "echo no such library; exit 3"))) {
            try (ProcessMovers broken = new ProcessMovers(bench.settings(command, GRACE))) {
                assertThat(failureOf(broken))
                        .contains(command.get(0))
                        .containsAnyOf("No such file", "exit code 3; its log ends: no such library");
            }
            assertThat(bench.directory()).doesNotExist();
        }
    }

    private String failureOf(ProcessMovers broken) {
        try {
            throw new AssertionError("started " + broken.launch(bench.order("steady", 1)));
        } catch (dev.holdfast.session.MoverException e) {
            return e.failure().message();
        }
    }

    private MoverHandle handle(long ticksOff, String bootId) throws IOException {
        return new MoverHandle(1, MoverBench.NONCE, stranger.pid(), ticks() + ticksOff, bootId, null, socket);
    }

    private long ticks() throws IOException {
        return new ProcessTable(Path.of("/proc"))
                .entry(stranger.pid())
                .orElseThrow()
                .startTicks();
    }

    private static String bootId() throws IOException {
        return new ProcessTable(Path.of("/proc")).bootId();
    }

    private Finding examine(@Nullable MoverHandle known) {
        return movers.examine(MoverBench.SESSION, 1, MoverBench.NONCE, known, Duration.ofSeconds(2));
    }

    private static void lie(ServerSocketChannel server) {
        try {
            while (true) {
                try (SocketChannel connection = server.accept()) {
                    Wire.read(connection);
                    Wire.write(connection, new Reply(1, null, "00", 1, false, STATUS).toJson());
                }
            }
        } catch (IOException e) {
            return;
        }
    }
}
