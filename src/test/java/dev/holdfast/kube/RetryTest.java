package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "GET,    false, 429, true",
        "POST,   false, 429, true",
        "GET,    false, 500, true",
        "GET,    false, 503, true",
        "DELETE, false, 504, true",
        "POST,   false, 500, false",
        "POST,   true,  503, false",
        "PUT,    false, 500, false",
        "PUT,    true,  500, true",
        "PATCH,  false, 502, false",
        "PATCH,  true,  502, true",
        "GET,    false, 501, false",
        "GET,    false, 404, false",
        "GET,    false, 200, false",
        "GET,    false, 410, false",
    })
    void only_what_does_no_harm_is_sent_again(String method, boolean conditional, int status, boolean again) {
        assertThat(Retry.of(method, true, conditional)
                        .answered(status, null, 1, 0)
                        .isPresent())
                .isEqualTo(again);
    }

    @Test
    void a_body_that_is_gone_cannot_be_sent_again() {
        assertThat(Retry.of("PUT", false, true).answered(429, Duration.ZERO, 1, 0))
                .isEmpty();
    }

    @Test
    void the_server_says_how_long_to_wait() {
        Retry get = Retry.of("GET", true, false);

        assertThat(get.answered(429, Duration.ofSeconds(3), 1, 0)).contains(Duration.ofSeconds(3));
        assertThat(get.answered(429, Duration.ofSeconds(3), 1, 1)).contains(Duration.ofMillis(3300));
        assertThat(get.answered(429, Duration.ofHours(1), 1, 0)).contains(Duration.ofSeconds(32));
    }

    @Test
    void without_a_word_of_the_server_waits_double_and_end() {
        Retry get = Retry.of("GET", true, false);

        assertThat(get.answered(503, null, 1, 0)).contains(Duration.ofMillis(100));
        assertThat(get.answered(503, null, 4, 0)).contains(Duration.ofMillis(800));
        assertThat(get.answered(503, null, 9, 0)).contains(Duration.ofMillis(3200));
        assertThat(get.answered(503, null, 10, 0)).isEmpty();
    }

    @Test
    void a_write_is_repeated_only_if_it_was_surely_not_sent() {
        Retry post = Retry.of("POST", true, false);

        assertThat(post.failed(new IOException("reset"), 1, 0)).isEmpty();
        assertThat(post.failed(new ConnectException("refused"), 1, 0)).isPresent();
        assertThat(Retry.of("GET", true, false).failed(new IOException("reset"), 1, 0))
                .isPresent();
        assertThat(Retry.of("GET", true, false).failed(WaitedTooLong.token(Lane.BACKUP, Duration.ZERO), 1, 0))
                .isEmpty();
    }

    @Test
    void retry_after_comes_in_seconds_or_as_a_date() {
        assertThat(Retry.after("2", NOW)).isEqualTo(Duration.ofSeconds(2));
        assertThat(Retry.after("Thu, 1 Jan 2026 00:00:05 GMT", NOW)).isEqualTo(Duration.ofSeconds(5));
        assertThat(Retry.after("-5", NOW)).isEqualTo(Duration.ZERO);
        assertThat(Retry.after("soon", NOW)).isNull();
        assertThat(Retry.after(null, NOW)).isNull();
    }
}
