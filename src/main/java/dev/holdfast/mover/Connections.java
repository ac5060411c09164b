package dev.holdfast.mover;

import dev.holdfast.mover.protocol.Reply;
import dev.holdfast.mover.protocol.Request;
import dev.holdfast.session.MoverHandle;
import dev.holdfast.session.SessionId;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The open connections, one per session, made when needed and dropped at the first trouble. */
final class Connections implements Closeable {
    private static final Duration LEAVE_WITHIN = Duration.ofSeconds(1);

    private final ConcurrentMap<SessionId, Held> held = new ConcurrentHashMap<>();

    private record Held(String nonce, ControlClient client) {}

    void hold(SessionId session, MoverHandle mover, ControlClient client) {
        Held before = held.put(session, new Held(mover.nonce(), client));
        if (before != null) {
            before.client().close();
        }
    }

    /** The answer, or null if there was none in time. */
    @Nullable
    Reply ask(SessionId session, MoverHandle mover, Request request, Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        Held open = held.get(session);
        if (open != null && open.nonce().equals(mover.nonce())) {
            try {
                return open.client().ask(request, within);
            } catch (IOException e) {
                drop(session); // Perhaps only this connection is bad: one more try.
            }
        }
        try {
            ControlClient client = ControlClient.connect(
                    new ControlClient.Peer(session.value(), mover.generation(), mover.nonce(), mover.socket()),
                    left(deadline));
            hold(session, mover, client);
            return client.ask(request, left(deadline));
        } catch (IOException e) {
            drop(session);
            return null;
        }
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    }

    /** Tells the mover that it has no agent any more, and closes. */
    void leave(SessionId session) {
        Held open = held.get(session);
        if (open == null) {
            return;
        }
        try {
            open.client().ask(new Request.Bye(), LEAVE_WITHIN);
        } catch (IOException e) {
            // It will see the connection close.
        } finally {
            drop(session);
        }
    }

    void drop(SessionId session) {
        Held open = held.remove(session);
        if (open != null) {
            open.client().close();
        }
    }

    @Override
    public void close() {
        held.keySet().forEach(this::drop);
    }
}
