package dev.holdfast.mover;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** How a mover process is started: always the same program as this one. */
public final class MoverCommand {
    private static final List<String> JVM_FLAGS = List.of(
            "-Xmx128m",
            "-XX:MaxDirectMemorySize=64m",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "--enable-native-access=ALL-UNNAMED");

    private MoverCommand() {}

    /** Argv before {@code mover <dir>}, taken from how this process was started. */
    public static List<String> ofThisProgram() {
        String java = ProcessHandle.current().info().command().orElse("/proc/self/exe");
        String main = Objects.requireNonNullElse(System.getProperty("sun.java.command"), "");
        if (System.getProperty("org.graalvm.nativeimage.imagecode") != null || main.isEmpty()) {
            return List.of(java);
        }
        String program = main.split(" ", 2)[0];
        String classPath = Objects.requireNonNullElse(System.getProperty("java.class.path"), "");
        return program.endsWith(".jar")
                ? jvm(java, List.of("-jar", absolute(program)))
                : onClassPath(java, classPath, program);
    }

    /** Argv that runs {@code mainClass} from {@code classPath}. */
    public static List<String> onClassPath(String java, String classPath, String mainClass) {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            entries.add(absolute(entry));
        }
        return jvm(java, List.of("-cp", String.join(File.pathSeparator, entries), mainClass));
    }

    private static List<String> jvm(String java, List<String> program) {
        List<String> argv = new ArrayList<>(List.of(java));
        argv.addAll(JVM_FLAGS);
        argv.addAll(program);
        return List.copyOf(argv);
    }

    /** Movers run in the root directory. */
    private static String absolute(String path) {
        return new File(path).getAbsolutePath();
    }
}
