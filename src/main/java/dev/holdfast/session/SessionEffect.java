package dev.holdfast.session;

import java.time.Instant;

/** What is to be done once a new state is durable. Each may be done again after a crash and must then do no harm. */
public sealed interface SessionEffect {
    /** Check what the session needs on this node, then order its launch. */
    record Prepare() implements SessionEffect {}

    /** Start the process of the current generation. */
    record Launch() implements SessionEffect {}

    /** Hear of the end of this process. */
    record Watch(MoverHandle mover) implements SessionEffect {}

    /** End this process for good, then look at what it left. */
    record Fence(MoverHandle mover, boolean evenIfItAnswers) implements SessionEffect {}

    /** Ask this process to give up. */
    record TellCancel(MoverHandle mover) implements SessionEffect {}

    /** Look for the process and at the repository, and draw the conclusion. */
    record Settle() implements SessionEffect {}

    /** Try again from then on. */
    record AwaitRetry(Instant at) implements SessionEffect {}

    /** Remove what movers left behind. */
    record Forget() implements SessionEffect {}
}
