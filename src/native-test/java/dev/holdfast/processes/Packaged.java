package dev.holdfast.processes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The program as users get it: the packaged JVM application, or the native executable with -Dholdfast.native=true. */
public final class Packaged {
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

    private Packaged() {}

    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        if (Boolean.getBoolean("holdfast.native")) {
            command.add(existing(System.getProperty("native.image.path", "target/holdfast-runner")));
        } else {
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
            command.add("-jar");
            command.add(existing(System.getProperty("holdfast.jar", JAR.toString())));
        }
        command.addAll(List.of(arguments));
        return command;
    }

    private static String existing(String program) {
        Path path = Path.of(program).toAbsolutePath();
        if (!Files.exists(path)) {
            throw new IllegalStateException(path + " is missing: these tests need the packaged program, run verify");
        }
        return path.toString();
    }

    /** @param output both streams together */
    public record Ended(int exit, String output) {}

    /** Runs a verb to its end. */
    public static Ended run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command(arguments)).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }
}
