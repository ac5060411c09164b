package dev.holdfast.session;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.Optional;

/** What is taken by backups. */
final class Sources {
    private final Patience patience;

    Sources(Patience patience) {
        this.patience = patience;
    }

    /** Why another attempt is no use: a backup has lost its source. One that nothing can be learnt of is not lost. */
    Optional<Failure> missing(SessionRequest request) {
        return switch (request) {
            case SessionRequest.Backup backup ->
                patience.ask(backup.source(), () -> Files.exists(backup.source(), LinkOption.NOFOLLOW_LINKS))
                                .orElse(true)
                        ? Optional.empty()
                        : Optional.of(new Failure(
                                "SOURCE_GONE",
                                "source " + backup.source() + " does not exist; mount it and submit again",
                                false));
            case SessionRequest.Restore _ -> Optional.empty();
        };
    }
}
