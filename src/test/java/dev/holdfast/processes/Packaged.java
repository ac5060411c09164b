package dev.holdfast.processes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program as users get it: the packaged JVM application, or the native executable with -Dholdfast.native=true. */
final class Packaged {
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

    private Packaged() {}

    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        if (Boolean.getBoolean("holdfast.native")) {
            command.add(System.getProperty("native.image.path", "target/holdfast-runner"));
        } else {
            Path jar =
                    Path.of(System.getProperty("holdfast.jar", JAR.toString())).toAbsolutePath();
            if (!Files.exists(jar)) {
                throw new IllegalStateException(jar + " is missing: these tests need the packaged program, run verify");
            }
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
            command.add("-jar");
            command.add(jar.toString());
        }
        command.addAll(List.of(arguments));
        return command;
    }
}
