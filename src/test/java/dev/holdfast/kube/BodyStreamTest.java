package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BodyStreamTest {
    /** A body that says nothing by itself and notes what is asked of it. */
    private static final class Silent implements AsyncBody {
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private boolean canceled;

        @Override
        public void consume() {
            // The other side is dead.
        }

        @Override
        public CompletableFuture<Void> done() {
            return done;
        }

        @Override
        public void cancel() {
            canceled = true;
        }
    }

    @Test
    void a_server_that_falls_silent_in_the_middle_is_given_up_and_its_connection_closed() throws Exception {
        Silent body = new Silent();
        try (BodyStream stream = new BodyStream(false, Duration.ofMillis(20))) {
            stream.begin(body);
            stream.add(List.of(ByteBuffer.wrap("ab".getBytes(StandardCharsets.US_ASCII))), body);
            assertThat(stream.readNBytes(2)).containsExactly('a', 'b');
            assertThatThrownBy(stream::read).isInstanceOf(IOException.class).hasMessageContaining("no more data");
        }
        assertThat(body.canceled).isTrue();
    }

    @Test
    void an_answer_that_nobody_reads_on_is_read_to_its_end_and_its_connection_kept() {
        Silent body = new Silent();
        BodyStream stream = new BodyStream(false, Duration.ofMinutes(1));
        stream.begin(body);
        stream.close();
        assertThat(body.canceled).isFalse();
    }
}
