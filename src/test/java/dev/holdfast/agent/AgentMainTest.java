package dev.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AgentMainTest {
    @Test
    void a_refused_start_is_one_line_without_a_stack_trace() {
        Throwable cause =
                new RuntimeException("Failed to start", new StartRefused("open state /x: locked by pid 1", 6));

        assertThat(AgentMain.refusal(cause))
                .isEqualTo(new AgentMain.Refusal(6, "open state /x: locked by pid 1", false));
    }

    @Test
    void a_value_of_the_wrong_kind_is_told_without_codes() {
        assertThat(AgentMain.describe("SRCFG00029: Expected an integer value, got \"many\""))
                .isEqualTo("Expected an integer value, got \"many\"");
    }

    @Test
    void a_value_that_is_no_choice_is_told_with_the_choices() {
        assertThat(AgentMain.describe(
                        "The config property holdfast.shutdown.movers with the config value \"foo\" threw an"
                                + " Exception whilst being converted Cannot convert foo to enum class"
                                + " dev.holdfast.config.ShutdownConfig$Movers, allowed values: stop,keep"))
                .isEqualTo("setting holdfast.shutdown.movers=foo: must be one of stop, keep");
    }

    @Test
    void what_nobody_expected_comes_with_its_stack_trace() {
        AgentMain.Refusal refusal = AgentMain.refusal(new IllegalStateException("odd"));

        assertThat(refusal.unexpected()).isTrue();
        assertThat(refusal.exit()).isEqualTo(1);
    }
}
