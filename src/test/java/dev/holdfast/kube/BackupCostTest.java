package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Budget;
import dev.holdfast.kube.ScriptedBackup.Cost;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a backup costs the API server and how long it takes, when all processes of a node share budget and discovery,
 * and when each has its own limit and discovers for itself with fabric8's client as it comes. Both do the same work,
 * counted by the stub.
 */
@Timeout(120)
class BackupCostTest {
    /** Whether those apart go at 5/10, the default of client-go, which takes half a minute. */
    private static final boolean SOAK = Boolean.getBoolean("holdfast.soak");

    private static final Duration TOGETHER_MAX = Duration.ofSeconds(3);
    private static final int GROUPS = 100; // 126 group versions with the core group's.

    @TempDir
    Path directory;

    private static Cost cost(StubApiServer server, ScriptedBackup.Way way) throws Exception {
        server.forget();
        long from = System.nanoTime();
        way.run();
        Duration took = Duration.ofNanos(System.nanoTime() - from);
        return new Cost(
                server.seen().size(),
                server.discoveryRequests(),
                server.seen().stream()
                        .filter(it -> it.path().contains(ScriptedBackup.WORK))
                        .count(),
                took);
    }

    @Test
    void processes_that_share_ask_a_third_less_and_hardly_discover() throws Exception {
        Budget slow = SOAK ? new Budget(5, 10) : new Budget(100, 100);
        int work = ScriptedBackup.work();
        try (StubApiServer server = new StubApiServer(GROUPS)) {
            server.latency = Duration.ofMillis(5);
            ScriptedBackup backup = new ScriptedBackup(server.kubeconfig(directory), directory);
            Cost apart = cost(server, () -> backup.apart(slow));
            Cost together = cost(server, () -> backup.together(Budget.BUILT_IN));
            // What is loaded once takes its time, and the machine may be busy with other things.
            for (int again = 0; again < 2 && together.took().compareTo(TOGETHER_MAX) > 0; again++) {
                together = cost(server, () -> backup.together(Budget.BUILT_IN));
            }
            Measured.say(
                    "scripted backup, 6 processes: apart at %s %d requests (discovery %d) in %d ms;"
                            + " together at %s %d (discovery %d) in %d ms",
                    slow,
                    apart.requests(),
                    apart.discovery(),
                    apart.took().toMillis(),
                    Budget.BUILT_IN,
                    together.requests(),
                    together.discovery(),
                    together.took().toMillis());

            assertThat(apart.work()).isEqualTo(work);
            assertThat(together.work()).isEqualTo(work);
            assertThat(together.requests()).isLessThanOrEqualTo(apart.requests() * 70 / 100);
            assertThat(together.discovery()).isLessThanOrEqualTo(apart.discovery() * 5 / 100);
            assertThat(together.took()).isLessThanOrEqualTo(TOGETHER_MAX);
            if (SOAK) {
                assertThat(apart.took()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(40));
            }
        }
    }
}
