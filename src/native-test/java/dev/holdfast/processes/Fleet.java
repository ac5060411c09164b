package dev.holdfast.processes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.processes.Workspace.RepositoryFiles;
import dev.holdfast.transfer.TransferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Several rate-limited backups into one repository, kept busy for as long as a test needs them. */
final class Fleet {
    /** A JVM needs too much of a small machine for eight in every build. */
    static final int MOVERS = Packaged.isNative() || Boolean.getBoolean("holdfast.soak") ? 8 : 4;

    private static final int FILES = 120;
    private static final int FILE_MAX = 200_000;

    private final Workspace workspace;
    private final RepositoryFiles repository;
    private final List<String> ids = new ArrayList<>();

    private Fleet(Workspace workspace, RepositoryFiles repository) {
        this.workspace = workspace;
        this.repository = repository;
    }

    /** Starts {@link #MOVERS} backups that need about so many seconds each, and waits until all are moving. */
    static Fleet busy(Workspace workspace, AgentProcess agent, long seed, int seconds) throws TransferException {
        Fleet fleet = new Fleet(workspace, workspace.repository());
        for (int i = 0; i < MOVERS; i++) {
            long bytes = workspace.makeTree("source-" + i, seed + i, FILES, FILE_MAX);
            fleet.ids.add(agent.backup(fleet.repository, workspace.path("source-" + i), 1, bytes / seconds));
        }
        fleet.awaitMoving(agent);
        return fleet;
    }

    List<String> ids() {
        return ids;
    }

    /** Waits until every mover has moved something. */
    void awaitMoving(AgentProcess agent) {
        ids.forEach(id -> agent.awaitBytes(id, 1));
    }

    /** Which process works for which session. */
    Map<String, Long> movers(AgentProcess agent) {
        Map<String, Long> movers = new TreeMap<>();
        ids.forEach(id -> movers.put(id, AgentProcess.mover(agent.session(id))));
        return movers;
    }

    /** Sum over all sessions and attempts. */
    long sentAgain(AgentProcess agent) {
        return ids.stream()
                .mapToLong(id ->
                        agent.session(id).path("totals").path("bytesSentAgain").asLong())
                .sum();
    }

    /** How many sessions the agent's start ended with this outcome. */
    static long recovered(AgentProcess agent, String outcome) {
        JsonNode recovery = agent.recovery();
        long count = 0;
        for (JsonNode session : recovery.path("sessions")) {
            if (session.path("outcome").asText().equals(outcome)) {
                count++;
            }
        }
        return count;
    }

    /** Lifts the limits and waits until all have ended; returns their outcomes. */
    List<String> finish(AgentProcess agent) {
        ids.forEach(id -> agent.limit(id, 0));
        return ids.stream()
                .map(id -> agent.awaitEnd(id).path("outcome").asText())
                .toList();
    }

    /** Bytes stored for all sources together; they are incompressible, so a second copy of anything shows. */
    long stored() {
        return workspace.bytesIn(repository.directory());
    }

    long sourceBytes() {
        long sum = 0;
        for (int i = 0; i < MOVERS; i++) {
            sum += workspace.bytesIn(workspace.path("source-" + i));
        }
        return sum;
    }
}
