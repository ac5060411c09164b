package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SessionMachineTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/session-transitions.txt");

    @Test
    void every_pair_of_state_and_event_is_in_the_golden_table() throws IOException {
        StringBuilder table = new StringBuilder();
        for (SessionState state : Samples.states()) {
            for (SessionEvent event : Samples.events()) {
                table.append(row(state, event)).append('\n');
            }
        }
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(GOLDEN.getParent());
            Files.writeString(GOLDEN, table);
        }
        assertThat(table).hasToString(Files.readString(GOLDEN));
    }

    @Test
    void the_samples_are_all_states_and_all_events() {
        assertThat(Samples.states().stream().<Class<?>>map(Object::getClass).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(SessionState.class.getPermittedSubclasses());
        assertThat(Samples.events().stream().<Class<?>>map(Object::getClass).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(SessionEvent.class.getPermittedSubclasses());
        assertThat(Arrays.asList(SessionEffect.class.getPermittedSubclasses())).hasSize(8);
    }

    private static String row(SessionState state, SessionEvent event) {
        String result;
        try {
            SessionMachine.Step step = SessionMachine.next(state, event, Samples.NOW);
            List<String> effects =
                    step.effects().stream().map(SessionMachineTest::effect).toList();
            result = "-> " + state(step.state()) + (effects.isEmpty() ? "" : " " + effects);
        } catch (IllegalStateException _) {
            result = "-> illegal";
        }
        return String.format(Locale.ROOT, "%-24s %-20s %s", state(state), event(event), result);
    }

    private static String effect(SessionEffect effect) {
        return switch (effect) {
            case SessionEffect.Fence(MoverHandle _, boolean even) -> even ? "FenceAnyway" : "Fence";
            case SessionEffect.Prepare _,
                    SessionEffect.Launch _,
                    SessionEffect.Watch _,
                    SessionEffect.TellCancel _,
                    SessionEffect.Settle _,
                    SessionEffect.AwaitRetry _,
                    SessionEffect.Forget _ -> effect.getClass().getSimpleName();
        };
    }

    private static String state(SessionState state) {
        String name = state.getClass().getSimpleName();
        return switch (state) {
            case SessionState.Ended ended ->
                switch (ended.outcome()) {
                    case Outcome.Completed _ -> "Ended(Completed)";
                    case Outcome.Failed(Failure why) -> "Ended(" + why.code() + ")";
                    case Outcome.Canceled _ -> "Ended(Canceled)";
                };
            case SessionState.Suspect suspect -> name + "(" + suspect.why().code() + ")";
            case SessionState.Canceling canceling ->
                name
                        + (canceling.mover() == null ? "(unknown" : "(mover")
                        + (canceling.because() == null
                                ? ")"
                                : "," + canceling.because().code() + ")");
            case SessionState.Accepted _,
                    SessionState.Prepared _,
                    SessionState.Launching _,
                    SessionState.Running _,
                    SessionState.Interrupted _ -> name;
        };
    }

    private static String event(SessionEvent event) {
        return switch (event) {
            case SessionEvent.LaunchFailed failed -> event.name() + next(failed.next());
            case SessionEvent.MoverLost lost -> event.name() + next(lost.next());
            case SessionEvent.Admitted _,
                    SessionEvent.LaunchOrdered _,
                    SessionEvent.Launched _,
                    SessionEvent.MoverAnswered _,
                    SessionEvent.MoverSuspected _,
                    SessionEvent.TransferCompleted _,
                    SessionEvent.TransferFailed _,
                    SessionEvent.MoverCanceled _,
                    SessionEvent.CancelRequested _,
                    SessionEvent.GivenUp _ -> event.name();
        };
    }

    private static String next(RetryPolicy.Decision next) {
        return next instanceof RetryPolicy.Decision.Again ? "(again)" : "(never)";
    }
}
