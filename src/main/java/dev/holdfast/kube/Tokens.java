package dev.holdfast.kube;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Where the right to send one request comes from: the bucket itself, or the agent that owns it. */
public interface Tokens {
    /**
     * Asks for one token and never blocks. Who gives up cancels the future, and a token that is not needed is not
     * taken.
     *
     * @return completes when the request may be sent, or with {@link WaitedTooLong}
     */
    CompletableFuture<Void> take(Lane lane, Duration within);
}
