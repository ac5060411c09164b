package dev.holdfast.session;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** All sessions of this node, and the one writer of them. */
public final class Sessions implements AutoCloseable {
    public Sessions(
            SessionStore store,
            Movers movers,
            TransferProof proof,
            SessionSettings settings,
            InstantSource clock,
            SessionObserver observer) {
        throw new UnsupportedOperationException();
    }

    public RecoveryReport recover() {
        throw new UnsupportedOperationException();
    }

    public Optional<RecoveryReport> lastRecovery() {
        throw new UnsupportedOperationException();
    }

    public Session submit(SessionRequest request) {
        throw new UnsupportedOperationException();
    }

    public Session submit(SessionId id, SessionRequest request) {
        throw new UnsupportedOperationException();
    }

    public Optional<Session> find(SessionId id) {
        throw new UnsupportedOperationException();
    }

    public List<Session> all() {
        throw new UnsupportedOperationException();
    }

    public Session cancel(SessionId id) {
        throw new UnsupportedOperationException();
    }

    public boolean limit(SessionId id, long bytesPerSecondMax) {
        throw new UnsupportedOperationException();
    }

    public void remove(SessionId id) {
        throw new UnsupportedOperationException();
    }

    public void revalidate() {
        throw new UnsupportedOperationException();
    }

    public void refresh() {
        throw new UnsupportedOperationException();
    }

    public ShutdownReport shutdown(Duration grace, MoverPolicy policy) {
        throw new UnsupportedOperationException();
    }

    public boolean turning() {
        throw new UnsupportedOperationException();
    }

    public List<Quarantined> quarantined() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
