package dev.holdfast.agent;

import dev.holdfast.session.Failure;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRequest;
import dev.holdfast.session.TransferProof;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.repository.SessionState;
import dev.holdfast.transfer.restore.Closing;
import org.jspecify.annotations.Nullable;

/** Asks the repository itself. Opens it for each question: questions are rare and must not see an old state. */
final class RepositoryProof implements TransferProof {
    @Override
    public Proof look(SessionId session, SessionRequest request, @Nullable String token) {
        try (Repository repository = Repository.open(request.repository(), request.keyFile())) {
            return switch (repository.sessionState(session.value(), token)) {
                case SessionState.Completed completed ->
                    new Proof.Completed(completed.snapshot().id());
                case SessionState.Finished finished -> finished(request, finished);
                case SessionState.Unfinished _ -> new Proof.Unfinished();
                case SessionState.Unknown _ -> new Proof.TokenUnknown();
            };
        } catch (TransferException e) {
            if (e.code() == TransferException.Code.TOKEN_REFUSED) {
                return new Proof.TokenUnknown();
            }
            return new Proof.Unreachable(new Failure(
                    e.code().name(), String.valueOf(e.getMessage()), e.code().retryable()));
        }
    }

    /** A restore ends without a snapshot of its own; what it restored is what it proves. */
    private static Proof finished(SessionRequest request, SessionState.Finished finished) {
        @Nullable Closing closing = request instanceof SessionRequest.Restore ? Closing.of(finished.outcome()) : null;
        return closing != null ? new Proof.Completed(closing.snapshotId()) : new Proof.Unfinished();
    }
}
