package dev.holdfast.plugin;

import dev.holdfast.testing.Needs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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

    /** Puts a plugin executable that serves Velero's own plugins into that directory. */
    public static Path into(Path plugins) throws IOException {
        Path script = Files.writeString(
                plugins.resolve("velero"), "#!/bin/sh\nexec " + executable() + " run-plugins \"$@\"\n");
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    /** The one of its actions that is called so. */
    static ItemAction action(List<ItemAction> actions, String name) {
        return actions.stream()
                .filter(action -> action.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** An object as an action gets it, written with single quotation marks. */
    static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable String named() {
        String named = System.getenv("VELERO_TEST");
        return named == null || named.isBlank() ? null : named;
    }
}
