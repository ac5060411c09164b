package dev.holdfast.mover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forced reuse of process ids: 50 times, with {@code -Dholdfast.soak=true} 1,000 times; no wrong kill allowed. */
class ProcessIdReuseTest {
    @TempDir
    private Path root;

    @Test
    void stranger_with_the_process_id_of_a_mover_is_never_hit() throws Exception {
        int reuses = Boolean.getBoolean("holdfast.soak") ? 1000 : 50;
        List<String> namespace = ProcessHandle.current()
                        .info()
                        .user()
                        .filter("root"::equals)
                        .isPresent()
                ? List.of("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
                : List.of("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child");
        assumeTrue(
                runs(namespace), "this user cannot make a process id namespace, so no id can be reused: " + namespace);
        List<String> program = List.of(
                MoverBench.java(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                MoverBench.classPath(),
                ReuseMain.class.getName(),
                root.toString(),
                Integer.toString(reuses));
        Process process = new ProcessBuilder(
                        Stream.concat(namespace.stream(), program.stream()).toList())
                .redirectErrorStream(true)
                .redirectOutput(root.resolve("log").toFile())
                .start();

        try {
            assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(ReuseMain.resultOf(root))
                .as("log %s", java.nio.file.Files.readString(root.resolve("log")))
                .isEqualTo("reused " + reuses + " recognised " + reuses + " hit 0");
    }

    private static boolean runs(List<String> namespace) throws Exception {
        Process probe = new ProcessBuilder(
                        Stream.concat(namespace.stream(), Stream.of("true")).toList())
                .inheritIO()
                .start();
        return probe.waitFor(30, TimeUnit.SECONDS) && probe.exitValue() == 0;
    }
}
