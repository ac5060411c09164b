package dev.holdfast.agent;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A state directory for the agent under test, whose movers run from the classes under test and end with it. */
public final class TemporaryState implements QuarkusTestResourceLifecycleManager {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Path directory = Path.of("");

    @Override
    public Map<String, String> start() {
        try {
            directory = Files.createTempDirectory("hf");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> mover = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath(),
                "dev.holdfast.Holdfast");
        return Map.of(
                "holdfast.state-dir",
                directory.toString(),
                "holdfast.mover.command",
                String.join(",", mover),
                "holdfast.shutdown.movers",
                "stop",
                "holdfast.shutdown.grace",
                "5s");
    }

    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(it -> Path.of(it).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Override
    public void stop() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
                return;
            } catch (IOException | UncheckedIOException e) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("remove " + directory, e);
                }
                // A mover that is just ending still writes there, or removes what was to be.
                LockSupport.parkNanos(20_000_000);
            }
        }
    }
}
