package dev.holdfast.mover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.mover.protocol.Bootstrap;
import dev.holdfast.mover.protocol.HandleFile;
import dev.holdfast.mover.protocol.Plan;
import dev.holdfast.session.MoverHandle;
import dev.holdfast.session.Movers.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An agent that dies anywhere inside a launch leaves either a mover that is found or none, and never a hidden one. */
class LaunchCrashTest {
    private MoverBench bench;

    @BeforeEach
    void open(@TempDir Path root) throws IOException {
        bench = new MoverBench(root);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @ParameterizedTest
    @EnumSource(Failpoint.class)
    void crash_during_launch_leaves_a_known_mover_or_none(Failpoint point) throws Exception {
        assertThat(run(agentThatDiesAt(point))).isEqualTo(97);

        try (ProcessMovers next = new ProcessMovers(bench.settings())) {
            Finding finding = next.examine(MoverBench.SESSION, 1, MoverBench.NONCE, null, MoverBench.LONG);
            if (finding instanceof Finding.Alive alive) {
                MoverHandle mover = alive.mover();
                assertThat(bench.processes()).extracting(ProcessHandle::pid).containsExactly(mover.pid());
                assertThat(next.stop(MoverBench.SESSION, mover, MoverBench.LONG))
                        .isTrue();
            } else {
                assertThat(finding).isInstanceOf(Finding.Gone.class);
                MoverBench.until(() -> bench.processes().isEmpty());
                assertThat(bench.stage.resolve("touched")).doesNotExist();
            }
        }
    }

    @Test
    void mover_that_comes_after_its_generation_was_given_up_does_nothing() throws Exception {
        Files.createDirectories(bench.directory());
        new Bootstrap(
                        MoverBench.SESSION.value(),
                        1,
                        MoverBench.NONCE,
                        new Plan.Backup(bench.root, bench.root, 1, 0, bench.stage, "steady"),
                        null,
                        Duration.ofHours(1),
                        null,
                        bench.root.resolve("late.sock"))
                .write(bench.directory().resolve("bootstrap.json"));
        assertThat(HandleFile.revoke(bench.directory(), 1)).isEmpty();

        List<String> late = new ArrayList<>(MoverBench.scripted());
        late.addAll(List.of("mover", bench.directory().toString()));
        assertThat(run(late)).isZero();

        assertThat(bench.stage.resolve("touched")).doesNotExist();
        assertThat(bench.root.resolve("late.sock")).doesNotExist();
    }

    private List<String> agentThatDiesAt(Failpoint point) {
        return List.of(
                MoverBench.java(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dholdfast.failpoint=" + point,
                "-cp",
                MoverBench.classPath(),
                LaunchCrashMain.class.getName(),
                bench.root.toString());
    }

    private int run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(bench.root.resolve("log").toFile())
                .start();
        assertThat(process.waitFor(MoverBench.LONG.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        return process.exitValue();
    }
}
