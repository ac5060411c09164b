package dev.holdfast.config;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** Where the agent keeps things. */
@ConfigMapping(prefix = "holdfast")
public interface AgentConfig {
    /**
     * Directory of everything that must survive a restart: sessions, mover directories, the API token. Absolute. Unset:
     * {@code /var/lib/holdfast} as root, else {@code ~/.local/state/holdfast}. One agent at a time may use it.
     */
    Optional<Path> stateDir();

    /**
     * Directory of sockets. Absolute and short: a socket path has at most 107 bytes. Unset: {@code /run/holdfast} as
     * root with the default state directory, else {@code run} in the state directory.
     */
    Optional<Path> runDir();
}
