package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.ManySessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An agent that finds many sessions is ready soon and needs little more memory. */
class ManySessionsIT {
    private static final long RECOVERY_MILLIS_MAX = 10_000;

    /** Half of what the native executable is bounded to where nobody says otherwise; see pom.xml. */
    private static final String HALF_THE_HEAP = "64m";

    @Test
    void a_hundred_sessions_of_all_states_are_validated_in_seconds() throws Exception {
        long idle = readyMillisWithoutSessions();
        try (Workspace workspace = new Workspace()) {
            ManySessions.mixed(workspace.path("state/sessions"), 100);

            AgentProcess agent = AgentProcess.start(workspace, Map.of());

            long millis = agent.recovery().path("millis").asLong();
            assertThat(agent.recovery().path("sessions")).hasSize(100);
            Figures.say("100 session files of all states: recovery " + millis + " ms, process start to ready "
                    + agent.ready().toMillis() + " ms, without sessions " + idle + " ms");
            assertThat(millis).isLessThan(Math.max(RECOVERY_MILLIS_MAX, 20 * idle));
            agent.terminate(Duration.ofSeconds(30));
        }
    }

    private static long readyMillisWithoutSessions() throws IOException {
        try (Workspace workspace = new Workspace()) {
            AgentProcess agent = AgentProcess.start(workspace, Map.of());
            agent.terminate(Duration.ofSeconds(30));
            return agent.ready().toMillis();
        }
    }

    @Test
    void a_thousand_ended_sessions_fit_into_half_the_heap() throws Exception {
        long none = residentKibWith(0);
        long thousand = residentKibWith(1000);
        Figures.say("resident memory of an agent with a heap of " + HALF_THE_HEAP + ": " + none
                + " KiB without sessions, " + thousand + " KiB with 1,000 ended ones with full histories");
    }

    /** What is resident is for people to read: how much of the heap has been touched is up to the collector. */
    private static long residentKibWith(int sessions) throws IOException {
        try (Workspace workspace = new Workspace()) {
            ManySessions.ended(workspace.path("state/sessions"), sessions);
            AgentProcess agent = AgentProcess.startWithHeap(workspace, Map.of(), HALF_THE_HEAP);
            assertThat(agent.sessions()).hasSize(sessions);
            assertThat(agent.isReady()).isTrue();
            String line = Files.readAllLines(Path.of("/proc/" + agent.pid() + "/status")).stream()
                    .filter(one -> one.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            agent.terminate(Duration.ofSeconds(30));
            return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
    }
}
