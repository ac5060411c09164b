package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.config.Budget;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** What discovery keeps in memory, by what the heap has more of after collections with some copies of it. */
class DiscoveryMemoryTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int COPIES = 16;
    private static final int SCALES = 10;
    private static final int GROUPS = 125; // Of four kinds each; a quarter of them in two versions.
    private static final double MEBIBYTE = 1 << 20;

    /** Of each copy, in MiB. */
    private static double retained(Callable<Object> make) throws Exception {
        assertThat(make.call()).isNotNull(); // With what is loaded once.
        List<Object> copies = new ArrayList<>();
        long before = used();
        for (int i = 0; i < COPIES; i++) {
            copies.add(make.call());
        }
        long after = used();
        assertThat(copies).hasSize(COPIES); // They have been there until now.
        return (after - before) / MEBIBYTE / COPIES;
    }

    /** Collects until there is no more to collect. */
    private static long used() {
        long least = Long.MAX_VALUE;
        for (int calls = 0; calls < 20; calls++) {
            System.gc();
            long now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            if (now > least - MEBIBYTE / 16) {
                return Math.min(now, least);
            }
            least = now;
        }
        return least;
    }

    @Test
    void five_hundred_custom_resources_take_few_megabytes() throws Exception {
        try (StubApiServer server = new StubApiServer(GROUPS);
                KubeRig rig = KubeRig.at(server, Budget.OFF, 1)) {
            server.manyNames = true;
            rig.kube.discovery().refresh().get();
            DiscoverySnapshot known = rig.kube.discovery().snapshot();
            byte[] told = JSON.writeValueAsBytes(SnapshotJson.write(known));
            DiscoveryCache.Source source = rig.kube.discoverySource();
            double scale = 0;
            for (int i = 0; i < SCALES && (scale < 3.9 || scale > 4.4); i++) { // Till what ran before has ended.
                scale = retained(() -> new byte[4096][1024]);
            }
            double agent = retained(() -> {
                DiscoveryCache cache = new DiscoveryCache(
                        source, null, InstantSource.system(), Duration.ofMinutes(5), KubeObserver.NONE);
                assertThat(cache.snapshot().resources()).hasSameSizeAs(known.resources());
                return cache;
            });
            double child = retained(() -> SnapshotJson.read(JSON.readTree(told)));
            Measured.say(
                    "discovery of 500 custom resources (%d with versions) keeps %.2f MiB in the agent, %.2f MiB in a"
                            + " child; 4 MiB are measured as %.2f",
                    known.resources().size(), agent, child, scale);

            assertThat(scale).isBetween(3.9, 4.4);
            assertThat(agent).isBetween(0.1, 5.0);
            assertThat(child).isBetween(0.1, 3.0);
        }
    }
}
