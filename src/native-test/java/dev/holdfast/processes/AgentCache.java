package dev.holdfast.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The JVM's cache of what an agent loads and links, with which it starts in less than half the time. Made once for each
 * build by an agent that starts and ends; the test JVMs that run at once wait for the one that makes it.
 */
final class AgentCache {
    private static final Path CACHE = Path.of("target", "agent.aot");
    private static final Path LOCK = Path.of("target", "agent.aot.lock");

    private AgentCache() {}

    /** @param command of an agent without a cache; its first word is the JVM, its jar follows {@code -jar} */
    static synchronized Path of(List<String> command) {
        try (FileChannel channel = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            Path jar = Path.of(command.get(command.indexOf("-jar") + 1));
            if (!Files.exists(CACHE)
                    || Files.getLastModifiedTime(CACHE).compareTo(Files.getLastModifiedTime(jar)) < 0) {
                train(command);
            }
            return CACHE.toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException("make " + CACHE, e);
        }
    }

    private static void train(List<String> command) throws IOException {
        Files.deleteIfExists(CACHE);
        List<String> training = new ArrayList<>(command);
        training.add(1, "-XX:AOTCacheOutput=" + CACHE);
        try (Workspace workspace = new Workspace()) {
            AgentProcess agent = AgentProcess.start(workspace, training);
            agent.sessions();
            agent.terminate(Duration.ofMinutes(2));
        }
    }
}
