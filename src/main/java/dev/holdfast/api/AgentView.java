package dev.holdfast.api;

import dev.holdfast.session.Session;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The agent itself.
 *
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
        Map<String, Long> sessions) {
    /** Whether movers get cgroups of their own, and why or why not. */
    public record CgroupsView(boolean available, String why) {}

    static AgentView of(AgentState agent, List<Session> sessions) {
        Map<String, Long> counts = new TreeMap<>();
        sessions.forEach(session -> counts.merge(session.stateName(), 1L, Long::sum));
        return new AgentView(
                agent.version(),
                ProcessHandle.current().pid(),
                agent.started(),
                agent.stateDir().toString(),
                new CgroupsView(agent.cgroups().available(), agent.cgroups().why()),
                agent.moversAtShutdown(),
                agent.recovered() && !agent.stopping(),
                agent.stopping(),
                counts);
    }
}
