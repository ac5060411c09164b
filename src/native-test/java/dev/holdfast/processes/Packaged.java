package dev.holdfast.processes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program as users get it: the packaged JVM application, or the native executable with -Dholdfast.native=true. */
public final class Packaged {
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

    private Packaged() {}

    static boolean isNative() {
        return Boolean.getBoolean("holdfast.native");
    }

    /** How it is started with these arguments. */
    public static List<String> command(String... arguments) {
        return command(List.of(), arguments);
    }

    /** How it is started with another bound on its heap, as in {@code 64m}. */
    static List<String> withHeap(String bound, String... arguments) {
        return command(List.of("-Xmx" + bound), arguments);
    }

    private static List<String> command(List<String> options, String... arguments) {
        List<String> command = new ArrayList<>();
        if (isNative()) {
            command.add(existing(System.getProperty("native.image.path", "target/holdfast-runner")));
            command.addAll(options);
        } else {
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
            // Most of what is started here lives for seconds.
            command.add("-XX:TieredStopAtLevel=1");
            command.add("-XX:+UseSerialGC");
            command.addAll(options);
            command.add("-jar");
            command.add(existing(System.getProperty("holdfast.jar", JAR.toString())));
        }
        command.addAll(List.of(arguments));
        return command;
    }

    /** What somebody must be able to read to start it; the first is what is executed. */
    static List<Path> files() {
        List<String> command = command();
        Path program = Path.of(command.getFirst());
        return isNative()
                ? List.of(program)
                : List.of(
                        program,
                        Path.of(System.getProperty("java.home"), "lib", "modules"),
                        Path.of(command.getLast()));
    }

    private static String existing(String program) {
        Path path = Path.of(program).toAbsolutePath();
        if (!Files.exists(path)) {
            throw new IllegalStateException(path + " is missing: these tests need the packaged program, run verify");
        }
        return path.toString();
    }
}
