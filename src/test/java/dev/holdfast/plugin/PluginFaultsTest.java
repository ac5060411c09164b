package dev.holdfast.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.plugin.PluginException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that crash, hang, flood, fork and lie, as real processes: each costs its own answer and nothing else. */
@Timeout(600)
class PluginFaultsTest {
    private static final PluginLimits LIMITS =
            new PluginLimits(Duration.ofMinutes(4), Duration.ofMinutes(2), 3, Duration.ofMinutes(10));
    private static final byte[] POD =
            "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"}}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] BACKUP = "{\"kind\":\"Backup\"}".getBytes(StandardCharsets.UTF_8);

    private final List<String> log = new CopyOnWriteArrayList<>();

    @TempDir
    private Path folder;

    @Test
    void answers_of_a_well_behaved_plugin_arrive() throws Exception {
        try (Plugins plugins = start(LIMITS, scripted("keep"))) {
            assertThat(plugins.troubles()).isEmpty();
            ItemAction action = only(plugins);
            assertThat(action.name()).isEqualTo("test/keep");
            assertThat(action.selector()).isEqualTo(Selector.resources("pods"));
            assertThat(action.ask(POD, BACKUP).item()).isEqualTo(POD);
        }
    }

    @Test
    void plugin_that_crashes_is_started_again_within_its_budget_and_then_given_up() throws Exception {
        try (Plugins plugins = start(LIMITS, scripted("crash"), scripted("keep"))) {
            ItemAction crash = named(plugins, "test/crash");
            assertThatThrownBy(() -> crash.ask(POD, BACKUP))
                    .isInstanceOfSatisfying(
                            PluginException.class, e -> assertThat(e.code()).isEqualTo(Code.CRASHED))
                    .hasMessageContaining("exit code 3")
                    .hasMessageContaining("out of ideas");
            assertThatThrownBy(() -> crash.ask(POD, BACKUP)).hasMessageContaining("exit code 3");
            assertThatThrownBy(() -> crash.ask(POD, BACKUP))
                    .isInstanceOfSatisfying(
                            PluginException.class, e -> assertThat(e.code()).isEqualTo(Code.GIVEN_UP))
                    .hasMessageContaining("3 restarts in 10 min");
            assertThat(named(plugins, "test/keep").ask(POD, BACKUP).item()).isEqualTo(POD);
        }
    }

    @Test
    void question_that_met_a_crash_is_asked_again() throws Exception {
        try (Plugins plugins =
                start(LIMITS, scripted("crash-once", folder.resolve("crashed").toString()))) {
            assertThat(only(plugins).ask(POD, BACKUP).additional())
                    .containsExactly(new ItemId("", "configmaps", "ns", "after"));
            assertThat(log).anyMatch(line -> line.contains("starting it again"));
        }
    }

    @Test
    void plugin_that_never_answers_is_killed_and_in_the_end_given_up() throws Exception {
        PluginLimits impatient =
                new PluginLimits(Duration.ofMinutes(4), Duration.ofSeconds(6), 3, Duration.ofSeconds(1));
        try (Plugins plugins = start(impatient, scripted("hang"))) {
            ItemAction hang = only(plugins);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> hang.ask(POD, BACKUP))
                        .isInstanceOfSatisfying(
                                PluginException.class, e -> assertThat(e.code()).isEqualTo(Code.HUNG))
                        .hasMessageContaining("no answer within 6 s");
            }
            assertThatThrownBy(() -> hang.ask(POD, BACKUP))
                    .isInstanceOfSatisfying(
                            PluginException.class, e -> assertThat(e.code()).isEqualTo(Code.GIVEN_UP))
                    .hasMessageContaining("it hung 2 times in a row");
            assertThat(log.stream().filter(line -> line.endsWith("asked"))).hasSize(2);
        }
        assertThat(children()).isEmpty();
    }

    @Test
    void flood_of_log_lines_is_cut_and_stops_nobody() throws Exception {
        try (Plugins plugins = start(LIMITS, scripted("flood"))) {
            assertThat(only(plugins).ask(POD, BACKUP).additional()).hasSize(1);
        }
        awaitLog("more lines, left out"); // When the log is read to its end.
        assertThat(log.size()).isLessThan(5_000);
    }

    @Test
    void what_a_plugin_forks_ends_with_it() throws Exception {
        Path pidFile = folder.resolve("pid");
        ProcessHandle fork;
        try (Plugins plugins = start(LIMITS, scripted("fork", pidFile.toString()))) {
            only(plugins).ask(POD, BACKUP);
            fork = awaitFork(pidFile);
            assertThat(fork.isAlive()).isTrue();
        }
        fork.onExit().get(10, java.util.concurrent.TimeUnit.SECONDS);
    }

    @Test
    void error_that_a_plugin_answers_is_told_and_costs_no_restart() throws Exception {
        try (Plugins plugins = start(LIMITS, scripted("refuse"))) {
            long begun = System.nanoTime();
            for (int i = 0; i < 10; i++) {
                assertThatThrownBy(() -> only(plugins).ask(POD, BACKUP))
                        .isInstanceOfSatisfying(
                                PluginException.class, e -> assertThat(e.code()).isEqualTo(Code.REFUSED))
                        .hasMessageContaining("I do not like this pod");
            }
            assertThat(log).noneMatch(line -> line.contains("starting it again"));
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
        }
    }

    @Test
    void answer_that_is_too_large_is_refused() throws Exception {
        try (Plugins plugins = start(LIMITS, scripted("large"))) {
            assertThatThrownBy(() -> only(plugins).ask(POD, BACKUP))
                    .isInstanceOfSatisfying(
                            PluginException.class, e -> assertThat(e.code()).isEqualTo(Code.NONSENSE));
        }
    }

    @Test
    void what_is_no_plugin_is_reported_and_the_others_work() throws Exception {
        PluginLimits impatient =
                new PluginLimits(Duration.ofMinutes(2), Duration.ofSeconds(20), 1, Duration.ofMinutes(10));
        try (Plugins plugins = start(
                impatient,
                script("garbage", "head -c 100000 /dev/urandom"),
                script("endless", "yes | tr -d '\\n'"),
                script("ends", "echo 'no such flag' >&2; exit 7"),
                script("old", "echo '1|1|unix|/tmp/x|grpc|'; sleep 100"),
                script("tcp", "echo '1|2|tcp|127.0.0.1:1|grpc|'; sleep 100"),
                script("netrpc", "echo '1|2|unix|/tmp/x|netrpc|'; sleep 100"),
                script("relative", "echo '1|2|unix|x.sock|grpc|'; sleep 100"),
                script("nobody", "echo '1|2|unix|/tmp/holdfast-nobody-listens|grpc|'; sleep 100"),
                new PluginCommand("missing", List.of("/nonexistent/plugin"), folder, Map.of()),
                scripted("keep"))) {
            assertThat(plugins.itemActions()).hasSize(1);
            assertThat(plugins.troubles())
                    .hasSize(9)
                    .anyMatch(line -> line.startsWith("start plugin garbage: "))
                    .anyMatch(line -> line.startsWith("start plugin endless: it said \"yyy"))
                    .anyMatch(
                            line -> line.contains("ended with exit code 7 without a handshake; its log ends: no such"))
                    .anyMatch(line -> line.contains("speaks plugin protocol version 1, only 2 is known"))
                    .anyMatch(line -> line.contains("listens on tcp, only a unix socket is taken"))
                    .anyMatch(line -> line.contains("speaks netrpc, only grpc is known"))
                    .anyMatch(line -> line.contains("an absolute path is needed"))
                    .anyMatch(line -> line.startsWith("plugin nobody, generated.PluginLister/ListPlugins"))
                    .anyMatch(line -> line.startsWith("start plugin missing (/nonexistent/plugin)"));
        }
        assertThat(children()).isEmpty();
    }

    @Test
    void plugin_that_says_nothing_is_given_up_after_its_time() throws Exception {
        PluginLimits impatient =
                new PluginLimits(Duration.ofSeconds(1), Duration.ofSeconds(1), 1, Duration.ofMinutes(10));
        try (Plugins plugins = start(impatient, script("silent", "sleep 1000"))) {
            assertThat(plugins.troubles()).singleElement().asString().contains("no handshake within 1 s");
        }
        assertThat(children()).isEmpty();
    }

    private Plugins start(PluginLimits limits, PluginCommand... commands) throws InterruptedException {
        return Plugins.start(List.of(commands), limits, log::add);
    }

    private PluginCommand scripted(String... arguments) {
        List<String> argv = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ScriptedPlugin.class.getName()));
        argv.addAll(List.of(arguments));
        return new PluginCommand(arguments[0], argv, folder, Map.of());
    }

    @Test
    void what_a_killed_agent_has_left_is_ended_by_the_next() throws Exception {
        String namespace = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
        long self = ProcessHandle.current().pid();
        String ticks = Files.readString(Path.of("/proc/self/stat"))
                .replaceFirst("(?s).*\\) ", "")
                .split(" ")[19];
        Process orphan = marked(namespace + "/" + self + "/" + (Long.parseLong(ticks) + 1) + "/x");
        Process ours = marked(namespace + "/" + self + "/" + ticks + "/x");
        Process elsewhere = marked("pid:[1]/" + self + "/1/x");
        try {
            Plugins.endLeft(folder.resolve("sockets"));
            assertThat(orphan.waitFor(10, java.util.concurrent.TimeUnit.SECONDS))
                    .isTrue();
            assertThat(ours.isAlive()).isTrue();
            assertThat(elsewhere.isAlive()).isTrue();
        } finally {
            List.of(orphan, ours, elsewhere).forEach(Process::destroyForcibly);
        }
    }

    @Test
    void sockets_are_in_the_agent_s_folder_and_go_with_the_process_or_with_the_next_agent() throws Exception {
        Path sockets = folder.resolve("sockets");
        try (Plugins plugins = Plugins.start(List.of(scripted("keep")), LIMITS, sockets, log::add)) {
            assertThat(plugins.troubles()).isEmpty();
            assertThat(sockets.toFile().list()).hasSize(1);
        }
        assertThat(sockets).isEmptyDirectory();
        Files.writeString(Files.createDirectory(sockets.resolve("left")).resolve("plugin1"), "");
        Plugins.endLeft(sockets);
        assertThat(sockets).isEmptyDirectory();
    }

    @Test
    void path_too_long_for_a_socket_is_told_and_another_one_is_used() throws Exception {
        Path sockets = folder.resolve("x".repeat(90));
        try (Plugins plugins = Plugins.start(List.of(scripted("keep")), LIMITS, sockets, log::add)) {
            assertThat(plugins.troubles()).isEmpty();
        }
        assertThat(sockets).doesNotExist();
        assertThat(log).anyMatch(line -> line.contains("give holdfast.run-dir a shorter path"));
    }

    @Test
    void end_does_not_wait_for_an_answer() throws Exception {
        Plugins plugins = start(LIMITS, scripted("hang"));
        ItemAction hang = only(plugins);
        FutureTask<Answer> question = new FutureTask<>(() -> hang.ask(POD, BACKUP));
        Thread.ofPlatform().start(question);
        awaitLog("asked");
        plugins.close();
        assertThatThrownBy(() -> question.get(20, java.util.concurrent.TimeUnit.SECONDS))
                .hasCauseInstanceOf(PluginException.class);
        assertThat(children()).isEmpty();
    }

    private void awaitLog(String words) {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (log.stream().noneMatch(line -> line.contains(words))) {
            assertThat(System.nanoTime()).as("%s in %s", words, log).isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static Process marked(String mark) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sleep", "600");
        builder.environment().put("HOLDFAST_PLUGIN_MARK", mark);
        return builder.start();
    }

    private PluginCommand script(String name, String body) throws IOException {
        Path file = folder.resolve(name + ".sh");
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return new PluginCommand(name, List.of(file.toString()), folder, Map.of());
    }

    private static ItemAction only(Plugins plugins) {
        assertThat(plugins.itemActions()).hasSize(1);
        return plugins.itemActions().getFirst();
    }

    private static ItemAction named(Plugins plugins, String name) {
        return plugins.itemActions().stream()
                .filter(action -> action.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static ProcessHandle awaitFork(Path pidFile) throws IOException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (System.nanoTime() < end) {
            String text = Files.exists(pidFile) ? Files.readString(pidFile).strip() : "";
            Optional<ProcessHandle> found = text.isEmpty() ? Optional.empty() : ProcessHandle.of(Long.parseLong(text));
            if (found.isPresent()) {
                return found.get();
            }
            LockSupport.parkNanos(20_000_000);
        }
        throw new AssertionError("the plugin's child did not write " + pidFile);
    }

    private static List<ProcessHandle> children() {
        return ProcessHandle.current().children().filter(ProcessHandle::isAlive).toList();
    }
}
