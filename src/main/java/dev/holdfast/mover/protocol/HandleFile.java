package dev.holdfast.mover.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who the mover of a generation is, written by itself before it touches source or repository.
 *
 * <p>A generation is claimed exactly once: {@code claim.<generation>} is linked into place with its content, either by
 * the mover or by an agent that found no mover and revokes the generation. A mover that comes second ends without
 * having done anything, so an agent that gave a generation up never shares the session with it. Neither file outlives a
 * loss of power for sure, and need not: a mover does not either.
 *
 * @param cgroup what the mover read back, or null
 */
public record HandleFile(
        int generation,
        String nonce,
        long pid,
        long startTicks,
        String bootId,
        @Nullable String cgroup,
        boolean ownCgroup,
        Path socket) {
    private static final String NAME = "handle.json";

    /**
     * Claims the generation for this mover and writes {@code handle.json}.
     *
     * @return false if the generation was revoked: leave, do nothing
     */
    public boolean claim(Path directory) throws IOException {
        Path handle = directory.resolve(NAME);
        Path aside = DurableFile.aside(handle);
        DurableFile.write(aside, Json.bytes(toJson()), false);
        if (!link(directory, generation, aside)) {
            return false;
        }
        DurableFile.move(aside, handle);
        return true;
    }

    /**
     * Makes sure that no mover of this generation comes into being any more.
     *
     * @return the mover that was faster, or empty when the generation is closed for good
     */
    public static Optional<HandleFile> revoke(Path directory, int generation) throws IOException {
        Path aside = DurableFile.aside(claimOf(directory, generation));
        DurableFile.write(aside, Json.bytes(Json.object().put("version", 1).put("revoked", true)), false);
        try {
            return link(directory, generation, aside) ? Optional.empty() : read(directory, generation);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    private static boolean link(Path directory, int generation, Path aside) throws IOException {
        Path claim = claimOf(directory, generation);
        try {
            Files.createLink(claim, aside);
        } catch (FileAlreadyExistsException e) {
            Files.deleteIfExists(aside);
            return false;
        }
        return true;
    }

    /** The mover of this generation, if it has come as far as to say who it is. */
    public static Optional<HandleFile> read(Path directory, int generation) throws IOException {
        Optional<HandleFile> handle = readFile(directory.resolve(NAME));
        if (handle.isPresent() && handle.get().generation() == generation) {
            return handle;
        }
        return readFile(claimOf(directory, generation));
    }

    private static Optional<HandleFile> readFile(Path file) throws IOException {
        ObjectNode json;
        try {
            json = Json.parse(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (MalformedException e) {
            return Optional.empty(); // Left without content by a loss of power, which its mover did not outlive.
        }
        Json.requireVersion(json, file.toString());
        if (Json.flag(json, "revoked")) {
            return Optional.empty();
        }
        return Optional.of(new HandleFile(
                (int) Json.number(json, "generation"),
                Json.text(json, "nonce"),
                Json.number(json, "pid"),
                Json.number(json, "startTicks"),
                Json.text(json, "bootId"),
                Json.textOrNull(json, "cgroup"),
                Json.flag(json, "ownCgroup"),
                Path.of(Json.text(json, "socket"))));
    }

    private static Path claimOf(Path directory, int generation) {
        return directory.resolve("claim." + generation);
    }

    private ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("version", 1);
        json.put("generation", generation);
        json.put("nonce", nonce);
        json.put("pid", pid);
        json.put("startTicks", startTicks);
        json.put("bootId", bootId);
        json.put("cgroup", cgroup);
        json.put("ownCgroup", ownCgroup);
        json.put("socket", socket.toString());
        return json;
    }

    /** Without the nonce. */
    @Override
    public String toString() {
        return "handle pid=" + pid + " generation=" + generation + " startTicks=" + startTicks;
    }
}
