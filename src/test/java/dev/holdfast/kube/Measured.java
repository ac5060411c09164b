package dev.holdfast.kube;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** Figures that a test has seen, kept in {@code target/kube-figures.txt}. */
public final class Measured {
    private static final Path FILE = Path.of("target", "kube-figures.txt");

    private Measured() {}

    public static void say(String form, Object... values) {
        String line = String.format(Locale.ROOT, form, values);
        System.out.println(line);
        try {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
