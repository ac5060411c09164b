package dev.holdfast.plugin;

import dev.holdfast.testing.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Velero's executable, made by others, where {@code VELERO_TEST} names it. */
public final class RealVelero implements Needs.Thing {
    @Override
    public Optional<String> missing() {
        return named() == null
                ? Optional.of("no Velero: VELERO_TEST does not name its executable, as .ci/run kube does")
                : Optional.empty();
    }

    public static Path executable() {
        String named = Objects.requireNonNull(named());
        if (!Files.isExecutable(Path.of(named))) {
            throw new IllegalStateException("VELERO_TEST is " + named + ": no executable is there");
        }
        return Path.of(named);
    }

    private static @Nullable String named() {
        String named = System.getenv("VELERO_TEST");
        return named == null || named.isBlank() ? null : named;
    }
}
