package dev.holdfast.testing;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** One line for each test class that is done: the build is quiet, and takes minutes. */
public final class ProgressListener implements TestExecutionListener {
    private final AtomicInteger tests = new AtomicInteger();
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
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        if (isClass(test)) {
            tests.set(0);
            begun = System.nanoTime();
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest()) {
            tests.incrementAndGet();
        } else if (isClass(test)) {
            done++;
            System.out.printf(
                    "[%d/%d] %s: %d tests, %.1f s%n",
                    done,
                    classes,
                    test.getDisplayName(),
                    tests.get(),
                    Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1000.0);
        }
    }

    private static boolean isClass(TestIdentifier test) {
        return test.getSource().filter(source -> source instanceof ClassSource).isPresent();
    }
}
