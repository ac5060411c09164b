package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final Path HUNG = Path.of("/hung");

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CompletableFuture<String> server = new CompletableFuture<>();

    @AfterEach
    void end() {
        server.complete("");
        threads.close();
    }

    @Test
    void an_answer_is_given_and_a_failure_thrown() {
        Patience patience = new Patience(threads, Duration.ofMinutes(1));
        assertThat(patience.ask(HUNG, () -> "yes")).contains("yes");
        assertThatThrownBy(() -> patience.ask(HUNG, () -> {
                    throw new IllegalStateException("bug");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("bug");
    }

    @Test
    void a_place_that_does_not_answer_is_left_alone_until_it_does() throws Exception {
        Patience patience = new Patience(threads, Duration.ofMillis(50));
        AtomicInteger asked = new AtomicInteger();

        CountDownLatch begun = new CountDownLatch(1);
        assertThat(patience.ask(HUNG, () -> {
                    asked.incrementAndGet();
                    begun.countDown();
                    return server.join();
                }))
                .isEmpty();
        assertThat(patience.ask(HUNG, asked::incrementAndGet)).isEmpty();
        begun.await();
        assertThat(asked).hasValue(1);
        await(patience, Path.of("/other"));

        server.complete("back");
        await(patience, HUNG);
    }

    /** A busy machine may need longer than the limit for any answer. */
    private void await(Patience patience, Path place) throws Exception {
        threads.submit(() -> {
                    while (patience.ask(place, () -> "yes").isEmpty()) {
                        Thread.onSpinWait();
                    }
                })
                .get(1, TimeUnit.MINUTES);
    }
}
