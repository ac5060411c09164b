package dev.holdfast.testing;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRequest;
import dev.holdfast.session.TransferProof;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A repository that says what it is told to; {@code Unfinished} if told nothing. */
public final class FakeProof implements TransferProof {
    private final Map<SessionId, Proof> answers = new ConcurrentHashMap<>();

    public void say(SessionId session, Proof proof) {
        answers.put(session, proof);
    }

    @Override
    public Proof look(SessionId session, SessionRequest request, @Nullable String token) {
        return answers.getOrDefault(session, new Proof.Unfinished());
    }
}
