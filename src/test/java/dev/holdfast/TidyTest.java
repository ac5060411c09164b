package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What neither the compiler nor the formatter sees. */
final class TidyTest {
    private static final Path MAIN = Path.of("src/main/java");
    private static final Path TEST = Path.of("src/test/java");
    private static final Path NATIVE_TEST = Path.of("src/native-test/java");
    private static final int FILE_LINES_MAX = 400;
    private static final int LINE_LENGTH_MAX = 120;
    // In two parts, so that this file does not find itself.
    private static final Pattern LEFT_OPEN = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
    private static final Pattern STANDARD_OUT = Pattern.compile("\\bSystem\\.out\\b");

    @Test
    void filesAndLinesAreShort() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : files(MAIN, TEST, NATIVE_TEST)) {
            List<String> lines = Files.readAllLines(file);
            if (lines.size() > FILE_LINES_MAX) {
                found.add(file + ": " + lines.size() + " lines");
            }
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).length() > LINE_LENGTH_MAX) {
                    found.add(file + ":" + (i + 1) + ": " + lines.get(i).length() + " characters");
                }
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void nothingIsLeftOpen() throws IOException {
        assertThat(matches(LEFT_OPEN, files(MAIN, TEST, NATIVE_TEST))).isEmpty();
    }

    /** An agent logs, and the standard output of a mover is nobody's. */
    @Test
    void onlyTheCommandLinePrints() throws IOException {
        List<Path> others = files(MAIN).stream()
                .filter(file -> !file.startsWith(MAIN.resolve("dev/holdfast/cli")))
                .toList();
        assertThat(matches(STANDARD_OUT, others)).isEmpty();
    }

    @Test
    void everyPackageSaysWhyItExists() throws IOException {
        List<Path> bare = new ArrayList<>();
        for (Path directory :
                files(MAIN).stream().map(Path::getParent).distinct().toList()) {
            Path info = directory.resolve("package-info.java");
            if (!Files.exists(info) || !Files.readString(info).matches("(?s)/\\*\\*.{20,}@NullMarked.*")) {
                bare.add(directory);
            }
        }
        assertThat(bare).isEmpty();
    }

    private static List<String> matches(Pattern pattern, List<Path> files) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            if (pattern.matcher(Files.readString(file)).find()) {
                found.add(file + ": " + pattern);
            }
        }
        return found;
    }

    private static List<Path> files(Path... roots) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path root : roots) {
            try (Stream<Path> walk = Files.walk(root)) {
                walk.filter(file -> file.toString().endsWith(".java")).forEach(found::add);
            }
        }
        return found;
    }
}
