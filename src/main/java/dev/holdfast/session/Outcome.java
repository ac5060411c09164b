package dev.holdfast.session;

/** How a session ended. */
public sealed interface Outcome {
    /** The repository has proven that {@code snapshot} is complete (for a restore: that its target is). */
    record Completed(String snapshot) implements Outcome {}

    /** Given up; the failure says why and what to do. */
    record Failed(Failure failure) implements Outcome {}

    /** Given up because someone asked for it. */
    record Canceled() implements Outcome {}
}
