package dev.holdfast.api;

import java.nio.file.Path;
import java.time.Instant;

/** What the outside may know of the agent itself. Every answer is immediate and from any thread. */
public interface AgentState {
    /**
     * Whether movers get cgroups of their own.
     *
     * @param why it is so; for people
     */
    record Cgroups(boolean available, String why) {}

    String version();

    Instant started();

    Path stateDir();

    Cgroups cgroups();

    /** What movers do when this agent ends: {@code keep} or {@code stop}. */
    String moversAtShutdown();

    /** Whether recovery is done; before that no session is taken in. */
    boolean recovered();

    /** Whether the agent has been asked to end; from then on no session is taken in. */
    boolean stopping();

    /** Refuses what asks for work while none is taken in. */
    default void requireOpen() {
        if (stopping()) {
            throw new ApiException(503, "STOPPING", "the agent is ending and takes no work; ask the next one");
        }
        if (!recovered()) {
            throw new ApiException(503, "NOT_READY", "the agent is still recovering its sessions; try again");
        }
    }
}
