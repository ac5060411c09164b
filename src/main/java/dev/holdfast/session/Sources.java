package dev.holdfast.session;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.Optional;

/** What is taken by backups. */
final class Sources {
    private Sources() {}

    /** Why another attempt is no use: a backup has lost its source. */
    static Optional<Failure> missing(SessionRequest request) {
        return switch (request) {
            case SessionRequest.Backup backup ->
                Files.exists(backup.source(), LinkOption.NOFOLLOW_LINKS)
                        ? Optional.empty()
                        : Optional.of(new Failure(
                                "SOURCE_GONE",
                                "source " + backup.source() + " does not exist; mount it and submit again",
                                false));
            case SessionRequest.Restore _ -> Optional.empty();
        };
    }
}
