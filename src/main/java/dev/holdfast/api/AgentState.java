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
}
