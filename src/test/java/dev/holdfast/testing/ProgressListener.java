package dev.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * One line for each test class that is done: the build is quiet, and takes minutes. At the end, what was skipped and
 * why; integration tests run last and repeat what unit tests have skipped.
 */
public final class ProgressListener implements TestExecutionListener {
    private static final Path OF_UNIT_TESTS = Path.of("target", "skipped-unit-tests.txt");

    private final AtomicInteger tests = new AtomicInteger();
    private final AtomicInteger passedOver = new AtomicInteger();
    private final Map<String, List<String>> skipped = new TreeMap<>();
    private int classes;
    private int done;
    private long begun;

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        classes = (int) plan.getRoots().stream()
                .flatMap(root -> plan.getDescendants(root).stream())
                .filter(ProgressListener::isClass)
                .count();
        done = 0;
        skipped.clear();
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        passedOver.incrementAndGet();
        String name = test.getParentIdObject()
                .map(UniqueId::getLastSegment)
                .map(it -> it.getValue().replaceAll(".*[.]", "") + "." + test.getDisplayName())
                .orElse(test.getDisplayName());
        synchronized (skipped) {
            skipped.computeIfAbsent(reason, _ -> new ArrayList<>()).add(name);
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        List<String> lines = new ArrayList<>();
        skipped.forEach((reason, tests) -> lines.add("SKIPPED, %s: %s".formatted(reason, String.join(", ", tests))));
        try {
            if (!Boolean.getBoolean("holdfast.tests.last")) {
                Files.write(OF_UNIT_TESTS, lines);
            } else if (Files.exists(OF_UNIT_TESTS)) {
                lines.addAll(0, Files.readAllLines(OF_UNIT_TESTS));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lines.forEach(System.out::println);
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
            done++;
            System.out.printf(
                    "[%d/%d] %s: %d tests, %s%.1f s%n",
                    done,
                    classes,
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
