package dev.holdfast.session;

import java.util.List;

/** Where sessions survive the agent. Thread-safe. What a returned {@link #put} stored, any crash leaves in place. */
public interface SessionStore extends AutoCloseable {
    /** Everything readable, and what was not. */
    record Loaded(List<Session> sessions, List<Quarantined> quarantined) {
        public Loaded {
            sessions = List.copyOf(sessions);
            quarantined = List.copyOf(quarantined);
        }
    }

    /** Reads all sessions; one that cannot be read is set aside and never hides another. Called once, at start. */
    Loaded loadAll();

    /**
     * Replaces what is stored for this session, durably and at once: a crash leaves the old state or the new one.
     *
     * @throws SessionRefused if this session cannot be stored, whatever the disk is like
     * @throws SessionStoreException if it is not durable
     */
    void put(Session session);

    /**
     * Tries whether a session could be stored now; leaves nothing behind.
     *
     * @throws SessionStoreException if not
     */
    void probe();

    /** Removes it; nothing happens if there is none. */
    void remove(SessionId id);

    @Override
    void close();
}
