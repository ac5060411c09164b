package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What every store of sessions keeps. */
abstract class SessionStoreContract {
    abstract SessionStore open();

    @Test
    void what_was_put_is_loaded_in_every_state() {
        int number = 0;
        try (SessionStore store = open()) {
            for (SessionState state : Samples.states()) {
                store.put(Samples.session("s" + number++, state, number % 2 == 0 ? null : "token"));
            }
        }
        try (SessionStore store = open()) {
            int expected = 0;
            for (SessionState state : Samples.states()) {
                Session session = Samples.session("s" + expected++, state, expected % 2 == 0 ? null : "token");
                assertThat(store.loadAll().sessions()).contains(session);
            }
            assertThat(store.loadAll().sessions()).hasSize(expected);
            assertThat(store.loadAll().quarantined()).isEmpty();
        }
    }

    @Test
    void a_second_put_replaces_the_first() {
        try (SessionStore store = open()) {
            store.put(Samples.session("a", new SessionState.Accepted(Samples.NOW), null));
            store.put(Samples.session("a", new SessionState.Launching(Samples.NOW), "t"));
            assertThat(store.loadAll().sessions())
                    .containsExactly(Samples.session("a", new SessionState.Launching(Samples.NOW), "t"));
        }
    }

    @Test
    void what_was_removed_is_gone_and_removing_again_is_nothing() {
        try (SessionStore store = open()) {
            store.put(Samples.session("a", new SessionState.Accepted(Samples.NOW), null));
            store.remove(new SessionId("a"));
            store.remove(new SessionId("a"));
            assertThat(store.loadAll().sessions()).isEmpty();
        }
    }
}
