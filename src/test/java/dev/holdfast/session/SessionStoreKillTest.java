package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real processes, killed: what was acknowledged is read afterwards, whatever the moment. */
class SessionStoreKillTest {
    @TempDir
    Path directory = Path.of("");

    @ParameterizedTest
    @EnumSource(Failpoint.class)
    void what_was_acknowledged_survives_an_end_at_each_point(Failpoint point) throws Exception {
        Map<String, Integer> acknowledged = new HashMap<>();
        try (MapDbSessionStore store = new MapDbSessionStore(directory)) {
            store.put(Samples.session("s1", new SessionState.Launching(Samples.NOW), "token-0"));
        }
        acknowledged.put("s1", 0);
        Process child = start(List.of("-D" + Failpoint.PROPERTY + "=" + point), "write");
        read(child, acknowledged, Integer.MAX_VALUE);
        assertThat(child.waitFor()).isEqualTo(137);
        verify(acknowledged);
    }

    @Test
    void what_was_acknowledged_survives_a_kill_at_any_moment() throws Exception {
        int rounds = Boolean.getBoolean("holdfast.soak") ? 200 : 3;
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        System.err.println("-Dholdfast.seed=" + seed);
        Random random = new Random(seed);
        Map<String, Integer> acknowledged = new HashMap<>();
        for (int round = 0; round < rounds; round++) {
            Process child = start(List.of("-Dfirst=" + 1_000_000 * round), "write");
            read(child, acknowledged, 1 + random.nextInt(20));
            child.toHandle().destroyForcibly(); // Unlike the process itself, leaves its output readable.
            read(child, acknowledged, Integer.MAX_VALUE);
            child.waitFor();
            verify(acknowledged);
        }
    }

    @Test
    void a_second_agent_gives_up_and_says_who_holds_the_state() throws Exception {
        Process child = start(List.of(), "lock");
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines.readLine()).isEqualTo("locked");
            assertThatThrownBy(() -> StateLock.acquire(directory, Duration.ofMillis(100)))
                    .isInstanceOf(StateLockException.class)
                    .hasMessageContaining("pid " + child.pid());
            child.destroyForcibly().waitFor();
        }
        try (StateLock _ = StateLock.acquire(directory, Duration.ofSeconds(5))) {
            assertThat(Files.exists(directory.resolve("agent.lock"))).isTrue();
            assertThatThrownBy(() -> StateLock.acquire(directory, Duration.ZERO))
                    .hasMessageContaining("pid " + ProcessHandle.current().pid());
        }
    }

    private void verify(Map<String, Integer> acknowledged) {
        try (MapDbSessionStore store = new MapDbSessionStore(directory)) {
            SessionStore.Loaded loaded = store.loadAll();
            assertThat(loaded.quarantined()).isEmpty();
            Map<String, Integer> found = new HashMap<>();
            for (Session session : loaded.sessions()) {
                String token = String.valueOf(session.token());
                found.put(session.id().value(), Integer.parseInt(token.substring("token-".length())));
            }
            // A write may be durable just before it could be acknowledged: a later one, never an older.
            acknowledged.forEach((id, number) -> assertThat(found)
                    .hasEntrySatisfying(id, it -> assertThat(it).isGreaterThanOrEqualTo(number)));
            acknowledged.putAll(found);
        }
    }

    private Process start(List<String> options, String what) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.addAll(List.of(StoreChild.class.getName(), what, directory.toString()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void read(Process child, Map<String, Integer> acknowledged, int lines) throws IOException {
        BufferedReader reader = child.inputReader(StandardCharsets.UTF_8);
        for (int i = 0; i < lines; i++) {
            String line = reader.readLine();
            if (line == null) {
                return;
            }
            String[] words = line.split(" ", -1);
            if (words.length == 2 && !words[1].isEmpty()) {
                acknowledged.put(words[0], Integer.parseInt(words[1]));
            }
        }
    }
}
