package dev.holdfast.api;

import dev.holdfast.session.Session;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The agent itself.
 *
 * @param storeTrouble why sessions cannot be stored just now, so that none is taken in; absent if they can
 * @param sessions how many there are in each state
 */
public record AgentView(
        String version,
        long pid,
        Instant started,
        String stateDir,
        CgroupsView cgroups,
        String moversAtShutdown,
        boolean ready,
        boolean stopping,
        @Nullable String storeTrouble,
        Map<String, Long> sessions) {
    /** Whether movers get cgroups of their own, and why or why not. */
    public record CgroupsView(boolean available, String why) {}

    static AgentView of(AgentState agent, List<Session> sessions, Optional<String> storeTrouble) {
        Map<String, Long> counts = new TreeMap<>();
        sessions.forEach(session -> counts.merge(session.stateName(), 1L, Long::sum));
        return new AgentView(
                agent.version(),
                ProcessHandle.current().pid(),
                agent.started(),
                agent.stateDir().toString(),
                new CgroupsView(agent.cgroups().available(), agent.cgroups().why()),
                agent.moversAtShutdown(),
                agent.recovered() && !agent.stopping() && storeTrouble.isEmpty(),
                agent.stopping(),
                storeTrouble.orElse(null),
                counts);
    }
}
