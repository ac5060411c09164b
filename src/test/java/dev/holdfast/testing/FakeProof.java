package dev.holdfast.testing;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRequest;
import dev.holdfast.session.TransferProof;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A repository that says what it is told to; {@code Unfinished} if told nothing. */
public final class FakeProof implements TransferProof {
    private final Map<SessionId, Proof> answers = new ConcurrentHashMap<>();

    private volatile CompletableFuture<?> answering = CompletableFuture.completedFuture(null);

    /** Answers nothing before that. */
    public void hang(CompletableFuture<?> until) {
        answering = until;
    }

    public void say(SessionId session, Proof proof) {
        answers.put(session, proof);
    }

    @Override
    public Proof look(SessionId session, SessionRequest request, @Nullable String token) {
        answering.join();
        return answers.getOrDefault(session, new Proof.Unfinished());
    }
}
