package dev.holdfast.agent;

import dev.holdfast.config.AgentConfig;
import java.nio.file.Path;

/** Where this agent keeps things, once settings and defaults are put together. */
record Directories(Path state, Path run) {
    private static final Path SYSTEM_STATE = Path.of("/var/lib/holdfast");
    private static final Path SYSTEM_RUN = Path.of("/run/holdfast");

    /** Another state directory has its own sockets, so two agents of one node never share any. */
    static Directories choose(AgentConfig config, Surroundings surroundings) {
        Path usual = surroundings.root() ? SYSTEM_STATE : surroundings.home().resolve(".local/state/holdfast");
        Path state = config.stateDir().orElse(usual).normalize();
        Path run = config.runDir()
                .orElse(state.equals(SYSTEM_STATE) && surroundings.root() ? SYSTEM_RUN : state.resolve("run"));
        return new Directories(state, run.normalize());
    }
}
