package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.TroubleExpected;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Work in single file, whatever becomes of one piece of it. */
@ExtendWith(TroubleExpected.class)
class LaneTest {
    private final Deque<Runnable> threads = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();

    @Test
    void idle_work_is_left_out_while_other_work_waits() {
        Lane lane = new Lane(session(), threads::add, Samples.NOW);
        lane.post(() -> done.add("retry"));
        lane.postIfIdle(() -> done.add("look"));
        lane.post(() -> done.add("launch"));
        threads.remove().run();
        lane.postIfIdle(() -> done.add("look"));
        threads.remove().run();
        assertThat(done).containsExactly("retry", "launch", "look");
    }

    @Test
    void a_lane_that_found_no_thread_goes_on_with_the_next_task() {
        int[] failures = {1};
        Lane lane = new Lane(
                session(),
                task -> {
                    if (failures[0]-- > 0) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    task.run();
                },
                Samples.NOW);
        assertThatThrownBy(() -> lane.post(() -> done.add("first"))).isInstanceOf(OutOfMemoryError.class);
        lane.post(() -> done.add("second"));
        assertThat(done).containsExactly("first", "second");
    }

    @Test
    void an_error_in_the_work_for_a_session_ends_neither_it_nor_its_lane_unless_it_is_a_bug() {
        Rig rig = new Rig();
        rig.sessions.recover();
        rig.submit("a");
        rig.submit("b");
        rig.movers.looked = () -> {
            throw new OutOfMemoryError("played");
        };
        rig.pass(Duration.ofSeconds(1));
        rig.movers.looked = () -> {};
        rig.movers.end(rig.mover("a"), null);
        assertThat(rig.state("a")).isInstanceOf(SessionState.Interrupted.class);

        rig.movers.looked = () -> {
            throw new NoClassDefFoundError("played");
        };
        rig.pass(Duration.ofSeconds(1));
        rig.movers.looked = () -> {};
        assertThat(rig.session("b").failure().orElseThrow().code()).isEqualTo("INTERNAL");
    }

    private static Session session() {
        return Samples.session("a", new SessionState.Accepted(Samples.NOW), null);
    }
}
