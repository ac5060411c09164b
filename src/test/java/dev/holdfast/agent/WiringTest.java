package dev.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.kube.BudgetSettings.Layer;
import dev.holdfast.kube.BudgetSource;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WiringTest {
    private static final int NAMED_BY_A_VARIABLE = 300;

    @Test
    void a_file_that_a_variable_names_is_a_file_and_hides_no_variable() {
        var config = new SmallRyeConfigBuilder()
                .withSources(
                        new PropertiesConfigSource(
                                Map.of("holdfast.kube.qps", "50", "holdfast.kube.burst", "60"),
                                "PropertiesConfigSource[source=file:/etc/holdfast/holdfast.properties]",
                                NAMED_BY_A_VARIABLE),
                        new EnvConfigSource(Map.of("HOLDFAST_KUBE_QPS", "20"), NAMED_BY_A_VARIABLE))
                .build();

        assertThat(Wiring.budget(config))
                .containsEntry(BudgetSource.CONFIG_FILE, new Layer(50.0, 60.0))
                .containsEntry(BudgetSource.ENVIRONMENT, new Layer(20.0, null))
                .containsEntry(BudgetSource.COMMAND_LINE, new Layer(null, null));
    }

    @Test
    void what_is_hidden_may_be_nonsense() {
        var config = new SmallRyeConfigBuilder()
                .withSources(
                        new PropertiesConfigSource(
                                Map.of("holdfast.kube.qps", "many"), "PropertiesConfigSource[]", 100),
                        new EnvConfigSource(Map.of("HOLDFAST_KUBE_QPS", "20"), NAMED_BY_A_VARIABLE))
                .build();

        assertThat(Wiring.budget(config))
                .containsEntry(BudgetSource.CONFIG_FILE, new Layer(null, null))
                .containsEntry(BudgetSource.ENVIRONMENT, new Layer(20.0, null));
    }
}
