package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.TroubleExpected;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
        Lane lane = laneWithout(1);
        assertThatThrownBy(() -> lane.post(() -> done.add("first"))).isInstanceOf(OutOfMemoryError.class);
        lane.post(() -> done.add("second"));
        assertThat(done).containsExactly("first", "second");
    }

    @Test
    void idle_work_is_not_heaped_up_while_there_is_no_thread() {
        Lane lane = laneWithout(3);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> lane.postIfIdle(() -> done.add("look"))).isInstanceOf(OutOfMemoryError.class);
        }
        lane.postIfIdle(() -> done.add("look"));
        assertThat(done).containsExactly("look");
    }

    @Test
    void without_another_thread_to_be_had_an_idle_one_works() throws Exception {
        int[] threadsLeft = {0};
        LaneThreads pool = new LaneThreads(4, task -> {
            if (threadsLeft[0]-- <= 0) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return Thread.ofPlatform().daemon().unstarted(task);
        });
        assertThatThrownBy(() -> pool.execute(() -> done.add("never"))).isInstanceOf(OutOfMemoryError.class);
        threadsLeft[0] = 1;
        for (int i = 0; i < 3; i++) {
            CompletableFuture<String> result = new CompletableFuture<>();
            pool.execute(() -> result.complete("done"));
            assertThat(result.get(1, TimeUnit.MINUTES)).isEqualTo("done");
        }
        assertThat(done).isEmpty();
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

    @Test
    void left_overs_that_cannot_be_removed_are_no_bug_and_are_tried_again() {
        Rig rig = new Rig();
        rig.sessions.recover();
        rig.submit("a");
        SessionId id = new SessionId("a");
        rig.proof.say(id, new TransferProof.Proof.Completed("snap"));
        rig.movers.before = () -> {
            throw new UncheckedIOException(new IOException("played"));
        };
        rig.movers.finish(rig.mover("a"), MoverResult.End.COMPLETED, "snap", null);
        assertThat(rig.restart().sessions().getFirst().outcome()).isEqualTo(RecoveryOutcome.ENDED);
        rig.sessions.remove(id);
        assertThat(rig.sessions.find(id)).as("its id is not free yet").isPresent();
        assertThat(rig.movers.forgotten).isEmpty();

        rig.movers.before = () -> {};
        rig.sessions.revalidate();
        assertThat(rig.movers.forgotten).containsExactly(id);
        rig.sessions.revalidate();
        assertThat(rig.movers.forgotten).hasSize(1);
    }

    private static Session session() {
        return Samples.session("a", new SessionState.Accepted(Samples.NOW), null);
    }

    /** One that finds no thread so many times. */
    private Lane laneWithout(int threadsMissing) {
        int[] failures = {threadsMissing};
        return new Lane(
                session(),
                task -> {
                    if (failures[0]-- > 0) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    task.run();
                },
                Samples.NOW);
    }
}
