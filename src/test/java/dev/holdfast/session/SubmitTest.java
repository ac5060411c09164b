package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Orders that meet while the first of them is being stored, and is not. */
@Timeout(20)
class SubmitTest {
    private static final SessionId A = new SessionId("a");
    private static final Duration SOON = Duration.ofSeconds(10);

    private final Rig rig = new Rig();
    private final CountDownLatch writing = new CountDownLatch(1);
    private final CountDownLatch mayFail = new CountDownLatch(1);

    @BeforeEach
    void an_agent_whose_first_write_takes_long_and_fails() {
        rig.sessions.recover();
        rig.store.before = () -> {
            if (writing.getCount() > 0) {
                writing.countDown();
                await(mayFail);
                throw new SessionStoreException("no space", new IllegalStateException("full"));
            }
        };
    }

    @Test
    void the_same_order_again_is_not_answered_with_what_could_not_be_stored() {
        CompletableFuture<Session> first = submit();
        await(writing);
        CompletableFuture<Session> second = submit();
        mayFail.countDown();

        assertThat(first).failsWithin(SOON);
        assertThat(second).succeedsWithin(SOON);
        assertThat(rig.sessions.find(A)).isPresent();
        assertThat(rig.store.loadAll().sessions()).hasSize(1);
    }

    @Test
    void what_could_not_be_stored_is_not_admitted() {
        CompletableFuture<Session> first = submit();
        await(writing);
        CompletableFuture<Void> round = CompletableFuture.runAsync(() -> rig.sessions.refresh());
        mayFail.countDown();

        assertThat(first).failsWithin(SOON);
        assertThat(round).succeedsWithin(SOON);
        assertThat(rig.sessions.find(A)).isEmpty();
        assertThat(rig.store.loadAll().sessions()).isEmpty();
        assertThatThrownBy(() -> rig.mover("a")).isInstanceOf(java.util.NoSuchElementException.class);
    }

    private CompletableFuture<Session> submit() {
        return CompletableFuture.supplyAsync(() -> rig.sessions.submit(A, Samples.backup()));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
