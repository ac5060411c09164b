package dev.holdfast.mover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.holdfast.mover.protocol.ProcessCalls;
import dev.holdfast.mover.protocol.Request;
import dev.holdfast.session.MoverHandle;
import dev.holdfast.session.MoverResult;
import dev.holdfast.session.MoverStatus;
import dev.holdfast.session.Movers.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes: what the agent sees of movers that work, end, are signalled, hang and lose their agent. */
class ProcessMoversTest {

    private MoverBench bench;
    private ProcessMovers movers;

    @BeforeEach
    void open(@TempDir Path root) throws IOException {
        bench = new MoverBench(root);
        movers = new ProcessMovers(bench.settings());
    }

    @AfterEach
    void close() throws IOException {
        movers.close();
        bench.close();
    }

    @Test
    void launched_mover_answers_and_leads_its_own_session() throws Exception {
        MoverHandle mover = launch("steady");
        MoverBench.until(() -> Files.exists(bench.stage.resolve("touched")));
        MoverBench.until(() -> alive(examine(movers, mover)).status().epoch() == 1);

        MoverStatus status = alive(examine(movers, mover)).status();
        assertThat(status.token()).isEqualTo("token-1");
        assertThat(status.start()).isEqualTo("FRESH");
        assertThat(status.ownCgroup()).isFalse();
        String stat = Files.readString(Path.of("/proc/" + mover.pid() + "/stat"));
        String session = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3];
        assertThat(session).isEqualTo(Long.toString(mover.pid()));
        assertThat(Files.readSymbolicLink(Path.of("/proc/" + mover.pid() + "/fd/0")))
                .hasToString("/dev/null");
        assertThat(movers.cgroupUnavailable()).get().asString().contains("cgroup v2 is needed");
    }

    @Test
    void a_mover_that_is_shut_out_of_its_cgroup_works_on_and_the_agent_knows() throws Exception {
        movers.close();
        movers = new ProcessMovers(bench.settings(), ProcessCalls.system(), Cgroup.assumed(bench.root));
        assertThat(movers.cgroupUnavailable()).isEmpty();

        MoverHandle mover = launch("steady");

        assertThat(mover.cgroup()).isNull();
        assertThat(alive(examine(movers, mover)).mover()).isEqualTo(mover);
        assertThat(movers.cgroupUnavailable()).get().asString().contains("mover.log");
    }

    @Test
    void mover_outlives_its_agent_and_is_found_again_without_a_known_handle() throws Exception {
        MoverHandle mover = launch("steady");
        movers.close();

        try (ProcessMovers next = new ProcessMovers(bench.settings())) {
            assertThat(alive(examine(next, null)).mover()).isEqualTo(mover);
            assertThat(next.launch(bench.order("steady", 1))).isEqualTo(mover);
        }
    }

    @Test
    void result_survives_agent_and_mover() throws Exception {
        MoverHandle mover = launch("steady");
        movers.close();
        Files.createFile(bench.stage.resolve("finish"));

        try (ProcessMovers next = new ProcessMovers(bench.settings())) {
            awaitExit(next, mover);
            MoverResult result = finished(examine(next, null));
            assertThat(result.end()).isEqualTo(MoverResult.End.COMPLETED);
            assertThat(result.snapshot()).isEqualTo("snapshot-1");
            assertThat(result.status().token()).isEqualTo("token-1");
        }
    }

    @Test
    void transfer_that_fails_at_once_is_a_launch_with_a_result() throws Exception {
        MoverHandle mover = launch("fails");
        awaitExit(movers, mover);

        MoverResult result = finished(examine(movers, mover));
        assertThat(result.end()).isEqualTo(MoverResult.End.FAILED);
        assertThat(Objects.requireNonNull(result.failure()).code()).isEqualTo("SOURCE_MISSING");
    }

    @Test
    void killed_mover_is_gone_with_what_was_last_known() throws Exception {
        MoverHandle mover = launch("steady");
        MoverBench.until(() -> Files.exists(bench.directory().resolve("progress")));
        MoverBench.signal(mover, ProcessCalls.SIGKILL);
        awaitExit(movers, mover);

        assertThat(examine(movers, mover)).isInstanceOfSatisfying(Finding.Gone.class, gone -> {
            assertThat(gone.lastKnown()).isNotNull();
            assertThat(gone.outOfMemory()).isFalse();
        });
    }

    @Test
    void sigterm_with_an_agent_means_go_on_and_without_one_stop() throws Exception {
        MoverHandle mover = launch("steady");
        MoverBench.until(() -> Files.exists(bench.stage.resolve("touched")));
        MoverBench.signal(mover, ProcessCalls.SIGTERM);
        MoverBench.until(() -> Files.exists(bench.stage.resolve("checkpoints")));
        assertThat(examine(movers, mover)).isInstanceOf(Finding.Alive.class);

        assertThat(movers.stop(MoverBench.SESSION, mover, MoverBench.LONG)).isTrue();
        assertThat(finished(examine(movers, mover)).end()).isEqualTo(MoverResult.End.STOPPED);
    }

    @Test
    void orphan_ends_with_a_checkpoint_after_its_limit() throws Exception {
        movers.close();
        movers = new ProcessMovers(bench.settings(MoverBench.scripted(), Duration.ofMillis(200)));
        MoverHandle mover = launch("steady");
        movers.close();

        try (ProcessMovers next = new ProcessMovers(bench.settings())) {
            awaitExit(next, mover);
            assertThat(finished(examine(next, mover)).end()).isEqualTo(MoverResult.End.STOPPED);
        }
    }

    @Test
    void stopped_process_is_silent_and_then_fenced() throws Exception {
        MoverHandle mover = launch("steady");
        MoverBench.stop(mover);

        assertThat(movers.examine(MoverBench.SESSION, 1, MoverBench.NONCE, mover, Duration.ofMillis(300)))
                .isInstanceOf(Finding.Silent.class);
        assertThat(movers.stop(MoverBench.SESSION, mover, Duration.ofMillis(200)))
                .isTrue();
        assertThat(examine(movers, mover)).isInstanceOf(Finding.Gone.class);
    }

    @Test
    void a_mover_that_says_who_it_is_and_never_listens_is_launched_and_silent() throws Exception {
        Path script = bench.root.resolve("mute.sh");
        Files.writeString(script, """
                read -r _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ ticks _ < /proc/$$/stat
                read -r boot < /proc/sys/kernel/random/boot_id
                format='{"version":1,"generation":1,"nonce":"%s","pid":%s,"startTicks":%s,"bootId":"%s","socket":"%s"}'
                printf "$format" "NONCE" $$ $ticks $boot "$2/none.sock" > "$2/aside"
                mv "$2/aside" "$2/handle.json"
                mkfifo "$2/never"
                read -r _ < "$2/never"
                """.replace("NONCE", MoverBench.NONCE));
        movers.close();
        movers = new ProcessMovers(new MoverSettings(
                bench.root.resolve("state"),
                bench.root.resolve("run"),
                List.of("sh", script.toString()),
                Duration.ofSeconds(2),
                Duration.ofHours(1),
                CgroupLimits.NONE,
                bench.root,
                Path.of("/proc")));

        MoverHandle mover = launch("steady");

        assertThat(examine(movers, mover)).isInstanceOfSatisfying(Finding.Silent.class, silent -> {
            assertThat(silent.mover()).isEqualTo(mover);
            assertThat(silent.life().busy()).isFalse();
        });
        assertThat(movers.stop(MoverBench.SESSION, mover, MoverBench.LONG)).isTrue();
    }

    @Test
    void a_result_that_cannot_be_understood_is_none() throws Exception {
        MoverHandle mover = launch("steady");
        MoverBench.signal(mover, ProcessCalls.SIGKILL);
        awaitExit(movers, mover);
        for (String result : List.of("", "{\"version\":2}", "{\"version\":1,\"generation\":1,\"end\":\"TIRED\"}")) {
            Files.writeString(bench.directory().resolve("result.json"), result);
            assertThat(examine(movers, mover)).isInstanceOf(Finding.Gone.class);
        }
    }

    @Test
    void what_cannot_be_looked_at_is_unknown_and_not_gone() throws Exception {
        MoverHandle mover = launch("steady");
        Files.createDirectories(bench.directory().resolve("result.json"));
        assertThat(examine(movers, mover)).isInstanceOf(Finding.Unknown.class);
        Files.delete(bench.directory().resolve("result.json"));
        assertThat(examine(movers, mover)).isInstanceOf(Finding.Alive.class);
    }

    @Test
    void checkpoint_limit_cancel_are_granted() throws Exception {
        MoverHandle mover = launch("steady");

        assertThat(movers.checkpoint(MoverBench.SESSION, mover, false, MoverBench.LONG))
                .isNotNull();
        assertThat(bench.stage.resolve("checkpoints")).exists();
        assertThat(movers.limit(MoverBench.SESSION, mover, 4096, MoverBench.LONG))
                .isTrue();
        MoverBench.until(() -> Files.exists(bench.stage.resolve("limit")));
        assertThat(movers.cancel(MoverBench.SESSION, mover, MoverBench.LONG)).isTrue();
        awaitExit(movers, mover);
        assertThat(finished(examine(movers, mover)).end()).isEqualTo(MoverResult.End.CANCELED);
    }

    @Test
    void checkpoint_that_stops_answers_when_the_result_is_written() throws Exception {
        MoverHandle mover = launch("steady");

        MoverStatus status = movers.checkpoint(MoverBench.SESSION, mover, true, MoverBench.LONG);

        assertThat(status).isNotNull();
        assertThat(finished(examine(movers, mover)).end()).isEqualTo(MoverResult.End.STOPPED);
        movers.forget(MoverBench.SESSION);
        movers.forget(MoverBench.SESSION);
        assertThat(bench.directory()).doesNotExist();
    }

    @Test
    void unknown_word_is_answered_and_the_connection_goes_on() throws Exception {
        MoverHandle mover = launch("steady");
        ControlClient.Peer peer =
                new ControlClient.Peer(MoverBench.SESSION.value(), 1, MoverBench.NONCE, mover.socket());
        try (ControlClient client = ControlClient.connect(peer, MoverBench.LONG)) {
            assertThat(client.ask(new Request.Unknown("sing"), MoverBench.LONG).error())
                    .isEqualTo("unsupported");
            assertThat(client.ask(new Request.Query(), MoverBench.LONG).status())
                    .isNotNull();
        }
        ControlClient.Peer liar = new ControlClient.Peer(MoverBench.SESSION.value(), 1, "wrong", mover.socket());
        assertThatIOException().isThrownBy(() -> ControlClient.connect(liar, MoverBench.LONG));
    }

    @Test
    void out_of_memory_is_a_crash_that_is_named() throws Exception {
        movers.launch(bench.order("steady", 1));
        MoverHandle first = alive(examine(movers, null)).mover();
        movers.stop(MoverBench.SESSION, first, MoverBench.LONG);
        try {
            movers.launch(bench.order("starved", 2));
        } catch (dev.holdfast.session.MoverException e) {
            assertThat(e.failure().code()).isEqualTo("MOVER_OUT_OF_MEMORY");
            return; // It died before its hello.
        }
        MoverBench.until(() -> bench.processes().isEmpty());
        assertThat(movers.examine(MoverBench.SESSION, 2, MoverBench.NONCE, null, MoverBench.LONG))
                .isInstanceOfSatisfying(Finding.Gone.class, gone -> assertThat(gone.outOfMemory())
                        .isTrue());
    }

    private MoverHandle launch(String part) throws Exception {
        return movers.launch(bench.order(part, 1));
    }

    private static Finding examine(ProcessMovers movers, @org.jspecify.annotations.Nullable MoverHandle known) {
        return movers.examine(MoverBench.SESSION, 1, MoverBench.NONCE, known, MoverBench.LONG);
    }

    private static Finding.Alive alive(Finding finding) {
        assertThat(finding).isInstanceOf(Finding.Alive.class);
        return (Finding.Alive) finding;
    }

    private static MoverResult finished(Finding finding) {
        assertThat(finding).isInstanceOf(Finding.Finished.class);
        return ((Finding.Finished) finding).result();
    }

    private static void awaitExit(ProcessMovers movers, MoverHandle mover) throws Exception {
        movers.exit(mover).toCompletableFuture().get(MoverBench.LONG.toSeconds(), TimeUnit.SECONDS);
    }
}
