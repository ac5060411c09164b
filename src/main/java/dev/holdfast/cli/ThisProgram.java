package dev.holdfast.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** How to start this very program once more: the native executable, or this JVM with the same class path. */
public final class ThisProgram {
    private ThisProgram() {}

    /**
     * The command without Holdfast's own arguments.
     *
     * @param jvmFlags for a JVM; the native executable has its own way
     */
    public static List<String> command(List<String> jvmFlags) {
        if (isNative()) {
            return List.of(ProcessHandle.current().info().command().orElse("holdfast"));
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmFlags);
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        String classPath = System.getProperty("java.class.path", "");
        if (classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)) {
            command.addAll(List.of("-jar", absolute(classPath)));
        } else {
            command.addAll(List.of("-cp", absolutes(classPath), "dev.holdfast.Holdfast"));
        }
        return List.copyOf(command);
    }

    /** Whether this is the native executable, all of it in one file. */
    public static boolean isNative() {
        return System.getProperty("org.graalvm.nativeimage.imagecode") != null;
    }

    private static String absolutes(String classPath) {
        return Arrays.stream(classPath.split(File.pathSeparator, -1))
                .map(ThisProgram::absolute)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize().toString();
    }
}
