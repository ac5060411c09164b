package dev.holdfast.mover.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * All that a mover is told before it starts, in {@code bootstrap.json}.
 *
 * @param nonce secret of this generation
 * @param token transfer session token of an earlier attempt, or null
 * @param orphanLimit how long the mover works on without an agent
 * @param cgroup leaf to join, as seen by the agent, or null
 * @param socket where to listen
 */
public record Bootstrap(
        String session,
        int generation,
        String nonce,
        Plan plan,
        @Nullable String token,
        Duration orphanLimit,
        @Nullable Path cgroup,
        Path socket) {
    /** Writes {@code bootstrap.json}; whoever reads it does so before the next boot. */
    public void write(Path file) throws IOException {
        ObjectNode json = Json.object();
        json.put("version", 1);
        json.put("session", session);
        json.put("generation", generation);
        json.put("nonce", nonce);
        json.set("plan", plan.toJson());
        json.put("token", token);
        json.put("orphanLimitMillis", orphanLimit.toMillis());
        json.put("cgroup", cgroup == null ? null : cgroup.toString());
        json.put("socket", socket.toString());
        DurableFile.swap(file, Json.bytes(json));
    }

    /** Reads what {@link #write} wrote, or a newer agent in the same version. */
    public static Bootstrap read(Path file) throws IOException {
        ObjectNode json = Json.parse(Files.readAllBytes(file));
        Json.requireVersion(json, file.toString());
        String cgroup = Json.textOrNull(json, "cgroup");
        return new Bootstrap(
                Json.text(json, "session"),
                (int) Json.number(json, "generation"),
                Json.text(json, "nonce"),
                Plan.fromJson(Json.child(json, "plan")),
                Json.textOrNull(json, "token"),
                Duration.ofMillis(Json.number(json, "orphanLimitMillis")),
                cgroup == null ? null : Path.of(cgroup),
                Path.of(Json.text(json, "socket")));
    }

    /** Without nonce and token. */
    @Override
    public String toString() {
        return "bootstrap of " + session + " generation " + generation;
    }
}
