package dev.holdfast.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import picocli.CommandLine;

/** What {@code --version} prints: the version that the build wrote into the program, and what it runs on. */
final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        try (InputStream in = Objects.requireNonNull(Version.class.getResourceAsStream("/dev/holdfast/version"))) {
            String version = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
            return new String[] {"holdfast " + version + " (" + platform() + ")"};
        }
    }

    private static String platform() {
        return ThisProgram.isNative() ? "native executable" : "JVM " + Runtime.version();
    }
}
