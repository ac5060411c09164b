package dev.holdfast.session;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.List;
import java.util.Optional;

/** Where transfers come from and go to, asked with {@link Patience}: both may be of a file system of the network. */
final class Places {
    private final TransferProof proof;
    private final Patience patience;

    Places(TransferProof proof, Patience patience) {
        this.proof = proof;
        this.patience = patience;
    }

    /**
     * Why a first attempt is no use: a backup has no source. One that nothing can be learnt of is not missing, and of
     * one that had begun the source may be mounted again: its mover says what it finds.
     */
    Optional<Failure> missingSource(Session session) {
        return switch (session.request()) {
            case SessionRequest.Backup _ when session.token() != null -> Optional.empty();
            case SessionRequest.Backup backup ->
                patience.ask(backup.source(), () -> Files.notExists(backup.source(), LinkOption.NOFOLLOW_LINKS))
                                .orElse(false)
                        ? Optional.of(new Failure(
                                "SOURCE_GONE",
                                "source " + backup.source() + " does not exist; mount it and submit again",
                                false))
                        : Optional.empty();
            case SessionRequest.Restore _ -> Optional.empty();
        };
    }

    /** What the repository says of a session. */
    TransferProof.Proof look(Session session) {
        SessionRequest request = session.request();
        return patience.ask(
                        List.of(request.repository(), request.keyFile()),
                        () -> proof.look(session.id(), request, session.token()))
                .orElseGet(() -> new TransferProof.Proof.Unreachable(new Failure(
                        "REPOSITORY_IO",
                        "look session " + session.id() + " up in " + request.repository()
                                + ": no answer; check its file system, and the server that it is of",
                        true)));
    }
}
