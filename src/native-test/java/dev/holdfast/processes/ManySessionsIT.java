package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.ManySessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An agent that finds many sessions is ready soon and stays small. */
class ManySessionsIT {
    private static final int RECOVERY_MILLIS_MAX = 10_000;
    private static final long GROWTH_KIB_MAX = 64 << 10;

    @Test
    void a_hundred_sessions_of_all_states_are_validated_in_seconds() throws Exception {
        try (Workspace workspace = new Workspace()) {
            ManySessions.mixed(workspace.path("state/sessions"), 100);

            AgentProcess agent = AgentProcess.start(workspace, Map.of());

            long millis = agent.recovery().path("millis").asLong();
            assertThat(agent.recovery().path("sessions")).hasSize(100);
            Figures.say("100 session files of all states: recovery " + millis + " ms, process start to ready "
                    + agent.ready().toMillis() + " ms");
            assertThat(millis).isLessThan(RECOVERY_MILLIS_MAX);
            agent.terminate(Duration.ofSeconds(30));
        }
    }

    @Test
    void a_thousand_ended_sessions_cost_little_memory() throws Exception {
        long none = rss(0);
        long thousand = rss(1000);
        Figures.say("resident memory of the agent: " + none + " KiB without sessions, " + thousand
                + " KiB with 1,000 ended ones with full histories");
        assertThat(thousand - none).isLessThan(GROWTH_KIB_MAX);
    }

    private static long rss(int sessions) throws IOException {
        try (Workspace workspace = new Workspace()) {
            ManySessions.ended(workspace.path("state/sessions"), sessions);
            AgentProcess agent = AgentProcess.start(workspace, Map.of("JAVA_TOOL_OPTIONS", "-XX:+UseSerialGC -Xmx96m"));
            assertThat(agent.sessions()).hasSize(sessions);
            String line = Files.readAllLines(Path.of("/proc/" + agent.pid() + "/status")).stream()
                    .filter(one -> one.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            agent.terminate(Duration.ofSeconds(30));
            return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
    }
}
