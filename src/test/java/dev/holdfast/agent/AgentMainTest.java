package dev.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.PreventFurtherStepsException;
import org.junit.jupiter.api.Test;

class AgentMainTest {
    @Test
    void a_refused_start_is_one_line_without_a_stack_trace() {
        Throwable cause = new RuntimeException(
                "Failed to start", new PreventFurtherStepsException("open state /x: locked by pid 1", 6));

        assertThat(AgentMain.refusal(cause))
                .isEqualTo(new AgentMain.Refusal(6, "open state /x: locked by pid 1", false));
    }

    @Test
    void a_misspelled_setting_is_named_with_its_file_and_the_one_that_was_meant() {
        assertThat(AgentMain.describe(
                        "SRCFG00050: holdfast.mover.wrokers in file:/a/application.properties:3"
                                + " does not map to any root"))
                .isEqualTo("setting holdfast.mover.wrokers in file:/a/application.properties:3:"
                        + " there is no such setting; is holdfast.mover.workers meant?");
    }

    @Test
    void what_nobody_expected_comes_with_its_stack_trace() {
        AgentMain.Refusal refusal = AgentMain.refusal(new IllegalStateException("odd"));

        assertThat(refusal.unexpected()).isTrue();
        assertThat(refusal.exit()).isEqualTo(1);
    }
}
