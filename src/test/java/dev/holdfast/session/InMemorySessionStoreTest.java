package dev.holdfast.session;

class InMemorySessionStoreTest extends SessionStoreContract {
    private final InMemorySessionStore store = new InMemorySessionStore();

    @Override
    SessionStore open() {
        return store;
    }
}
