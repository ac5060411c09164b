package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DefinitionsTest {
    private final ManualTimer time = new ManualTimer();
    private String names = "\"a\"";
    private boolean down;
    private int lists;
    private final Definitions definitions = new Definitions(_ -> list(), time::nanos);

    private InputStream list() throws KubeException {
        lists++;
        if (down) {
            throw KubeException.answered(503, "list", "later");
        }
        String json = "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":" + names + "}}]}";
        return new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_change_is_not_forgotten_over_a_list_that_failed() throws Exception {
        definitions.watched(true);
        assertThat(definitions.find("a")).isPresent();
        definitions.invalidate();
        names = "\"b\"";
        down = true;
        assertThatThrownBy(() -> definitions.find("b")).isInstanceOf(KubeException.class);
        down = false;
        time.pass(Duration.ofSeconds(6));
        assertThat(definitions.find("b")).isPresent();
    }

    @Test
    void those_who_ask_right_after_a_failure_share_it() {
        down = true;
        for (int i = 0; i < 50; i++) {
            assertThatThrownBy(() -> definitions.find("a")).hasMessageContaining("later");
        }
        assertThat(lists).isEqualTo(1);
    }

    @Test
    void what_changed_before_the_watch_began_is_seen() throws Exception {
        assertThat(definitions.find("b")).isEmpty();
        names = "\"b\"";
        definitions.watched(true);
        assertThat(definitions.find("b")).isPresent();
    }
}
