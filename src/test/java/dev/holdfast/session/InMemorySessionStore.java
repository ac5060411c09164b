package dev.holdfast.session;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Survives an agent under test, but not the process. What it stores goes through the codec. */
final class InMemorySessionStore implements SessionStore {
    private final Map<SessionId, byte[]> stored = new ConcurrentSkipListMap<>();

    /** Runs before each write; may throw because the agent is dead. */
    Runnable before = () -> {};

    /** Runs after each write; may throw to simulate the agent's death between write and effect. */
    Runnable after = () -> {};

    /** As with a disk without room. */
    boolean full;

    @Override
    public Loaded loadAll() {
        return new Loaded(
                stored.values().stream().map(InMemorySessionStore::decode).toList(), List.of());
    }

    @Override
    public void put(Session session) {
        probe();
        before.run();
        stored.put(session.id(), StoredSession.encode(session));
        after.run();
    }

    @Override
    public void probe() {
        if (full) {
            throw new SessionStoreException("write session: no space", new IllegalStateException("full"));
        }
    }

    @Override
    public void remove(SessionId id) {
        before.run();
        stored.remove(id);
    }

    @Override
    public void close() {}

    private static Session decode(byte[] bytes) {
        try {
            return StoredSession.decode(bytes);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
