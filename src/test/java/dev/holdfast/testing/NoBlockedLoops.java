package dev.holdfast.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails every class of tests in whose time Vert.x warns of an event loop that is blocked. Registered for all. */
public final class NoBlockedLoops implements BeforeAllCallback, AfterAllCallback {
    private static final Logger VERTX = Logger.getLogger("io.vertx.core.impl");
    private static final ConcurrentLinkedQueue<String> WARNINGS = new ConcurrentLinkedQueue<>();

    static {
        VERTX.addHandler(new Handler() {
            @Override
            public void publish(LogRecord warning) {
                if (warning.getLoggerName().endsWith(".BlockedThreadChecker")
                        && warning.getLevel().intValue() >= Level.WARNING.intValue()) {
                    WARNINGS.add(String.valueOf(warning.getMessage()));
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
    }

    /** What was warned of since the last time. */
    public static List<String> warnings() {
        List<String> all = new ArrayList<>();
        for (String warning = WARNINGS.poll(); warning != null; warning = WARNINGS.poll()) {
            all.add(warning);
        }
        return all;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        warnings();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        List<String> all = warnings();
        if (!all.isEmpty()) {
            throw new AssertionError("event loops were blocked: " + String.join("; ", all));
        }
    }
}
