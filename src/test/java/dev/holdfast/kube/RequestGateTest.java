package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a request that nobody wants any more. */
class RequestGateTest {
    private final ScheduledThreadPoolExecutor timer = Waits.timer("test");
    private final List<CompletableFuture<Void>> turns = new ArrayList<>();
    private final Tokens tokens = (_, _) -> {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        turns.add(turn);
        return turn;
    };
    private final RequestGate gate = new RequestGate("a", tokens, new InFlight(1, timer), timer, KubeObserver.NONE);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void who_gives_up_while_waiting_for_a_token_takes_none_and_leaves_the_place() {
        var given = gate.enter(Lane.BACKUP);
        given.cancel(false);

        assertThat(turns).singleElement().satisfies(turn -> assertThat(turn).isCancelled());
        gate.enter(Lane.BACKUP);
        assertThat(turns).as("the next one has the place").hasSize(2);
    }

    @Test
    void who_gives_up_while_waiting_for_a_place_never_asks_for_a_token() {
        var first = gate.enter(Lane.BACKUP);
        var second = gate.enter(Lane.BACKUP);
        second.cancel(false);
        turns.getFirst().complete(null);
        first.join().close();

        assertThat(turns).hasSize(1);
        gate.enter(Lane.BACKUP);
        assertThat(turns).hasSize(2);
    }

    @Test
    void who_was_refused_learns_once_by_which_limit_of_the_server() throws Exception {
        List<String> said = new CopyOnWriteArrayList<>();
        AtomicInteger asked = new AtomicInteger();
        try (LogOf _ = new LogOf(RequestGate.class, said);
                StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100)) {
            server.on("/refused", exchange -> {
                int number = asked.incrementAndGet();
                if (number <= 3) {
                    exchange.getResponseHeaders().set("Retry-After", "0");
                }
                if (number <= 2) {
                    exchange.getResponseHeaders().set("X-Kubernetes-PF-FlowSchema-UID", "f-1");
                    exchange.getResponseHeaders().set("X-Kubernetes-PF-PriorityLevel-UID", "p-2");
                }
                exchange.sendResponseHeaders(number <= 3 ? 429 : 200, -1);
            });
            rig.kube.get(Lane.BACKUP, "/refused", Cluster.JSON);
        }
        assertThat(said)
                .containsExactly(
                        "requests are refused with 429 child=agent flowSchema=f-1 priorityLevel=p-2",
                        "requests are refused with 429 child=agent flowSchema=none priorityLevel=none");
    }

    @Test
    void a_token_that_comes_with_the_end_of_the_wish_frees_the_place() {
        var given = gate.enter(Lane.BACKUP);
        turns.getFirst().whenComplete((_, _) -> given.cancel(false));
        turns.getFirst().complete(null);

        given.thenAccept(InFlight.Slot::close);
        var next = gate.enter(Lane.BACKUP);
        turns.getLast().complete(null);
        assertThat(next).succeedsWithin(Duration.ofSeconds(10));
    }
}
