package dev.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * One line for each test class that is done: the build is quiet, and takes minutes. What was skipped, and why, is kept
 * in a file that the build prints at its end; several JVMs may write it at once.
 */
public final class ProgressListener implements TestExecutionListener {
    private static final Path SKIPPED = Path.of("target", "skipped-tests.txt");

    private final AtomicInteger tests = new AtomicInteger();
    private final AtomicInteger passedOver = new AtomicInteger();
    private long begun;

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        passedOver.incrementAndGet();
        String name = test.getParentIdObject()
                .map(UniqueId::getLastSegment)
                .map(it -> it.getValue().replaceAll(".*[.]", "") + "." + test.getDisplayName())
                .orElse(test.getDisplayName());
        String line = "%s\t%s%n".formatted(reason.replaceAll("\\s+", " "), name);
        try {
            // In one write: the system appends it as a whole.
            Files.writeString(SKIPPED, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        if (isClass(test)) {
            tests.set(0);
            passedOver.set(0);
            begun = System.nanoTime();
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest()) {
            if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
                executionSkipped(
                        test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
            } else {
                tests.incrementAndGet();
            }
        } else if (isClass(test)) {
            System.out.printf(
                    "%s: %d tests, %s%.1f s%n",
                    test.getDisplayName(),
                    tests.get(),
                    passedOver.get() == 0 ? "" : passedOver.get() + " skipped, ",
                    Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1000.0);
        }
    }

    private static boolean isClass(TestIdentifier test) {
        return test.getSource().filter(source -> source instanceof ClassSource).isPresent();
    }
}
