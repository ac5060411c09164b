package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/** Port to the repository, the one judge of whether a transfer is complete. */
public interface TransferProof {
    /** What the repository knows of a session. */
    sealed interface Proof {
        record Completed(String snapshot) implements Proof {}

        record Unfinished() implements Proof {}

        record TokenUnknown() implements Proof {}

        /** The repository could not be asked. */
        record Unreachable(Failure why) implements Proof {}
    }

    /** May block for as long as the repository needs. {@code token} null means: look by session id alone. */
    Proof look(SessionId session, SessionRequest request, @Nullable String token);
}
