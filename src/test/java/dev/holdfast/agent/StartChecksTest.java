package dev.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StartChecksTest {
    @Test
    void a_misspelled_variable_is_named_with_the_one_that_was_meant() {
        assertThat(StartChecks.unknown(Map.of("HOLDFAST_MOVER_WORKER", "4")))
                .containsExactly("environment variable HOLDFAST_MOVER_WORKER: there is no such setting;"
                        + " is HOLDFAST_MOVER_WORKERS meant?");
    }

    @Test
    void settings_and_the_variables_of_others_pass() {
        assertThat(StartChecks.unknown(Map.of(
                        "HOLDFAST_STATE_DIR", "/x",
                        "HOLDFAST_SHUTDOWN_GRACE", "1s",
                        "HOLDFAST_AGENT", "http://127.0.0.1:8080",
                        "HOLDFAST_SERVICE_HOST", "10.0.0.1",
                        "HOLDFAST_PORT_8080_TCP", "tcp://10.0.0.1:8080",
                        "PATH", "/bin")))
                .isEmpty();
    }

    @Test
    void a_misspelled_setting_is_named_with_its_source_and_the_one_that_was_meant() {
        Map<String, String> file = Map.of("holdfast.mover.wrokers", "4", "holdfast.mover.command[0]", "x");
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(file, "some.properties", 100))
                .build();

        assertThat(StartChecks.unknown(config))
                .containsExactly("setting holdfast.mover.wrokers in PropertiesConfigSource[source=some.properties]:"
                        + " there is no such setting;"
                        + " is holdfast.mover.workers meant?");
    }

    @Test
    void one_port_for_both_servers_is_refused() {
        assertThat(StartChecks.ports(ports("9000", "9000")))
                .containsExactly("quarkus.http.port and quarkus.management.port are both 9000; give each its own");
        assertThat(StartChecks.ports(ports("8080", "9000"))).isEmpty();
        assertThat(StartChecks.ports(ports("0", "0"))).isEmpty(); // Each gets a free one.
    }

    private static SmallRyeConfig ports(String http, String management) {
        return new SmallRyeConfigBuilder()
                .withDefaultValue("quarkus.http.port", http)
                .withDefaultValue("quarkus.management.port", management)
                .build();
    }
}
