package dev.holdfast.kube;

import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Collects what a class logs, until it is closed. */
final class LogOf extends Handler implements AutoCloseable {
    private final Logger logger;
    private final List<String> lines;

    LogOf(Class<?> type, List<String> lines) {
        this.logger = Logger.getLogger(type.getName());
        this.lines = lines;
        logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord line) {
        Object[] values = line.getParameters();
        lines.add(values == null ? line.getMessage() : String.format(line.getMessage(), values));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
