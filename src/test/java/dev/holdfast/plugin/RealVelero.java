package dev.holdfast.plugin;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Velero's executable, made by others, where {@code VELERO_TEST} names it. */
public final class RealVelero {
    private RealVelero() {}

    /** Empty where nobody says that there is one. */
    public static Optional<Path> executable() {
        String named = System.getenv("VELERO_TEST");
        if (named == null || named.isBlank()) {
            return Optional.empty();
        }
        if (!Files.isExecutable(Path.of(named))) {
            throw new IllegalStateException("VELERO_TEST is " + named + ": no executable is there");
        }
        return Optional.of(Path.of(named));
    }
}
