package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which budget is recommended for which figures. */
class AdviceTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = """
            too few requests,      true,  100, 100, 100,   0,  0, 500, 10,  300, 100, 100, too few to judge
            it fits,               true,  100, 100, 5000,  0,  0, 1,   10,  300, 100, 100, the budget fits
            the server refuses,    true,  300, 300, 5000,  50, 0, 1,   10,  300, 200, 200, refused with 429
            the server is busy,    true,  200, 200, 5000,  0,  0, 500, 2000, 300, 150, 150, needs 2000.0 ms
            requests wait,         true,  100, 100, 5000,  0,  0, 500, 10,  300, 150, 150, waited 500.0 ms
            many kinds,            true,  100, 100, 5000,  0,  0, 500, 10,  900, 200, 200, many kinds
            some gave up,          true,  20,  30,  5000,  0,  3, 1,   10,  300, 30,  50,  3 gave up
            no limit refused,      true,  -1,  100, 5000,  50, 0, 0,   10,  300, 300, 300, the server needs one
            no limit and no harm,  true,  -1,  100, 5000,  0,  0, 0,   10,  300, -1,  100, refuses nothing
            no cluster,            false, 100, 100, 0,     0,  0, 0,   0,   0,   100, 100, there is no cluster
            """)
    void figures_lead_to_a_budget_and_a_reason(
            String name,
            boolean configured,
            double qps,
            int burst,
            long requests,
            long throttled,
            long gaveUp,
            double waited,
            double latency,
            int resources,
            long qpsAdvised,
            long burstAdvised,
            String reason)
            throws JsonProcessingException {
        Advice advice = Advice.of(JSON.readTree(
                """
                {"configured": %s, "budget": {"qps": %s, "burst": %d}, "discovery": {"resources": %d},
                 "figures": {"requests": %d, "throttled": %d, "gaveUp": %d,
                             "waited": {"meanMillis": %s}, "latency": {"meanMillis": %s}}}
                """.formatted(configured, qps, burst, resources, requests, throttled, gaveUp, waited, latency)));

        assertThat(advice.qps()).isEqualTo(qpsAdvised);
        assertThat(advice.burst()).isEqualTo(burstAdvised);
        assertThat(advice.reasons().toString()).contains(reason);
    }

    private static final String BUSY = """
            {"configured": true, "budget": {"qps": 100, "burst": 100}, "discovery": {"resources": 300},
             "figures": {"requests": 1000, "throttled": 0, "gaveUp": 0, "servedFromCache": 7,
                         "waited": {"meanMillis": 500.0, "maxMillis": 900.0},
                         "latency": {"meanMillis": 12.5, "maxMillis": 40.0},
                         "byVerb": {"get": 250, "list": 750}, "byChild": {"agent": 400, "plugin:velero": 600}}}
            """;

    private static String advise(boolean json) throws JsonProcessingException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        KubeCommand.advise(JSON.readTree(BUSY), json, new PrintStream(said, true, StandardCharsets.UTF_8));
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void the_advice_shows_the_figures_it_comes_from() throws JsonProcessingException {
        assertThat(advise(false).lines())
                .startsWith("qps 150, burst 150")
                .contains(
                        "  plugin:velero sent 600 of the 1000 requests: holdfast.kube.shares=velero=50 would leave half"
                                + " of the budget to the others",
                        "requests  1000, from the cache 7, refused with 429 0, given up 0",
                        "waited    500.0 ms on average, 900.0 ms at most of late",
                        "latency   12.5 ms on average, 40.0 ms at most of late",
                        "by verb   list 750 (75 %), get 250 (25 %)",
                        "by child  plugin:velero 600 (60 %), agent 400 (40 %)");
    }

    @Test
    void scripts_get_the_same_figures() throws JsonProcessingException {
        assertThat(JSON.readTree(advise(true)).path("figures"))
                .isEqualTo(JSON.readTree(BUSY).path("figures"));
    }
}
