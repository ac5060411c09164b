package dev.holdfast.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SessionOrderTest {
    @Test
    void a_path_is_as_long_as_the_kernel_takes_it() {
        String longest = "/" + "é".repeat(2047) + "x";
        assertThat(from(longest).request().repository()).hasToString("/repository");
        assertThatThrownBy(() -> from(longest + "x").request())
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("source");
    }

    private static SessionOrder from(String source) {
        return new SessionOrder("backup", null, "/repository", "/key", source, "name", null, null, null, null);
    }
}
