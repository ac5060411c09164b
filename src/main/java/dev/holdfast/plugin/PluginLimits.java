package dev.holdfast.plugin;

import java.time.Duration;

/**
 * What a plugin is allowed.
 *
 * @param start from its start to the handshake
 * @param call for one answer
 * @param restarts within {@code restartWindow}
 */
public record PluginLimits(Duration start, Duration call, int restarts, Duration restartWindow) {
    public static final PluginLimits DEFAULT =
            new PluginLimits(Duration.ofSeconds(20), Duration.ofMinutes(2), 3, Duration.ofMinutes(10));
}
