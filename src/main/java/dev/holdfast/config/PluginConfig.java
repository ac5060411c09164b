package dev.holdfast.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Which plugins a backup of Kubernetes objects asks, besides the built-in ones, and how long it waits for them. */
@ConfigMapping(prefix = "holdfast.plugin")
public interface PluginConfig {
    /**
     * Directory of plugin executables made for Velero; all at or below it are started. Absolute. Unset: the built-in
     * plugins alone.
     */
    Optional<Path> directory();

    /**
     * How long a plugin may take from its start to its handshake; then it is reported and done without. 1 s to 10 min.
     */
    @WithDefault("20s")
    Duration startTimeout();

    /**
     * How long a plugin may take for one answer; then it is killed, and given up if that happens twice in a row. 1 s to
     * 1 h.
     */
    @WithDefault("2m")
    Duration callTimeout();
}
