package dev.holdfast.mover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.holdfast.mover.protocol.ProcessCalls;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Descriptors are numbers that are given out again: none is used after it was closed, none is lost. */
class ExitWatcherTest {
    private static final int EVENTS = 90;

    private final List<String> calls = new CopyOnWriteArrayList<>();

    @Test
    void what_a_failed_poll_has_closed_is_not_written_to() throws Exception {
        ExitWatcher watcher = new ExitWatcher(kernel("poll"));
        assertThat(watcher.watch(7)).failsWithin(Duration.ofSeconds(10));
        assertThat(watcher.watch(8)).isNotDone();
        synchronized (watcher) {
            calls.add("released");
        }
        watcher.close();
        assertThat(calls).containsOnlyOnce("close " + EVENTS).contains("close 7", "close 8");
        assertThat(calls.subList(calls.indexOf("released"), calls.size())).containsExactly("released");
    }

    @Test
    void without_an_event_to_wake_it_the_process_is_let_go() throws Exception {
        try (ExitWatcher watcher = new ExitWatcher(kernel("wakeup"))) {
            assertThatIOException().isThrownBy(() -> watcher.watch(7));
        }
        assertThat(calls).containsExactly("close 7");
    }

    /** Fails in one call, and notes what is closed and woken. */
    private ProcessCalls kernel(String failing) {
        return (ProcessCalls) Proxy.newProxyInstance(
                ProcessCalls.class.getClassLoader(), new Class<?>[] {ProcessCalls.class}, (_, method, arguments) -> {
                    String name = method.getName();
                    if (name.equals(failing)) {
                        throw new IOException(name);
                    }
                    if (name.equals("close") || name.equals("wake")) {
                        calls.add(name + " " + arguments[0]);
                    }
                    return name.equals("wakeup") ? EVENTS : null;
                });
    }
}
