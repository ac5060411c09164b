package dev.holdfast.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** All settings together: their names, and the checks that the mappings cannot make by themselves. */
public record Settings(
        AgentConfig agent,
        SessionConfig session,
        MoverConfig mover,
        ShutdownConfig shutdown,
        KubeConfig kube,
        PluginConfig plugin) {
    /** Every setting there is. */
    public static final List<String> NAMES = List.of(
            "holdfast.state-dir",
            "holdfast.run-dir",
            "holdfast.session.revalidate",
            "holdfast.session.attempts-max",
            "holdfast.session.retry-first",
            "holdfast.session.retry-max",
            "holdfast.session.concurrent-max",
            "holdfast.session.deadline",
            "holdfast.mover.orphan-limit",
            "holdfast.mover.hello-timeout",
            "holdfast.mover.workers",
            "holdfast.mover.stall-limit",
            "holdfast.mover.command",
            "holdfast.mover.memory-max",
            "holdfast.mover.cpu-max",
            "holdfast.shutdown.grace",
            "holdfast.shutdown.movers",
            "holdfast.kube.qps",
            "holdfast.kube.burst",
            "holdfast.kube.file",
            "holdfast.kube.auto",
            "holdfast.kube.shares",
            "holdfast.kube.in-flight-max",
            "holdfast.kube.kubeconfig",
            "holdfast.kube.discovery-refresh",
            "holdfast.plugin.directory",
            "holdfast.plugin.start-timeout",
            "holdfast.plugin.call-timeout");

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final long MEMORY_MIN = 64L << 20;
    private static final int TYPOS_MAX = 3;
    private static final Pattern SHARE = Pattern.compile("[^=]+=([1-9]\\d?|100)");

    /** One line for each value out of its range; empty when all is well. */
    public List<String> problems() {
        Problems problems = new Problems(new ArrayList<>());
        problems.absolute("holdfast.state-dir", agent.stateDir());
        problems.absolute("holdfast.run-dir", agent.runDir());
        problems.range("holdfast.session.revalidate", session.revalidate(), SECOND, Duration.ofHours(1));
        problems.range("holdfast.session.attempts-max", session.attemptsMax(), 1, 1000);
        problems.range("holdfast.session.retry-max", session.retryMax(), Duration.ofMillis(100), DAY);
        problems.range("holdfast.session.retry-first", session.retryFirst(), Duration.ofMillis(100), DAY);
        if (session.retryFirst().compareTo(session.retryMax()) > 0) {
            problems.add("holdfast.session.retry-first is %s: longer than holdfast.session.retry-max, %s"
                    .formatted(text(session.retryFirst()), text(session.retryMax())));
        }
        problems.range("holdfast.session.concurrent-max", session.concurrentMax(), 1, 256);
        session.deadline()
                .ifPresent(value -> problems.range("holdfast.session.deadline", value, SECOND, Duration.ofDays(3650)));
        problems.range("holdfast.mover.orphan-limit", mover.orphanLimit(), Duration.ofMinutes(1), Duration.ofDays(30));
        problems.range("holdfast.mover.hello-timeout", mover.helloTimeout(), SECOND, Duration.ofMinutes(10));
        problems.range("holdfast.mover.workers", mover.workers(), 0, MoverConfig.WORKERS_MAX);
        problems.range("holdfast.mover.stall-limit", mover.stallLimit(), Duration.ofSeconds(10), DAY);
        mover.memoryMax().ifPresent(value -> {
            if (value.asLongValue() < MEMORY_MIN) {
                problems.add("holdfast.mover.memory-max is " + value.asLongValue() + " bytes: allowed is 64M or more");
            }
        });
        mover.cpuMax().ifPresent(value -> {
            if (!(value >= 0.01 && value <= 1024)) {
                problems.add("holdfast.mover.cpu-max is " + value + ": allowed is 0.01 to 1024");
            }
        });
        problems.range("holdfast.shutdown.grace", shutdown.grace(), Duration.ZERO, Duration.ofMinutes(10));
        Budget.problem(kube.qps(), kube.burst()).ifPresent(problem -> problems.add("holdfast.kube." + problem));
        problems.absolute("holdfast.kube.file", kube.file());
        problems.absolute("holdfast.kube.kubeconfig", kube.kubeconfig());
        kube.shares().orElse(List.of()).stream()
                .filter(share -> !SHARE.matcher(share).matches())
                .forEach(share -> problems.add("holdfast.kube.shares has \"" + share
                        + "\": write name=percent, the percentage from 1 to 100"));
        problems.range("holdfast.kube.in-flight-max", kube.inFlightMax(), 1, 1000);
        problems.range("holdfast.kube.discovery-refresh", kube.discoveryRefresh(), Duration.ofSeconds(10), DAY);
        problems.absolute("holdfast.plugin.directory", plugin.directory());
        problems.range("holdfast.plugin.start-timeout", plugin.startTimeout(), SECOND, Duration.ofMinutes(10));
        problems.range("holdfast.plugin.call-timeout", plugin.callTimeout(), SECOND, Duration.ofHours(1));
        return List.copyOf(problems.lines);
    }

    /**
     * Calls back with each setting and its value in force, for the log; unset ones as {@code -}. All but the
     * directories: what they come to is not here.
     */
    public void forEach(BiConsumer<String, String> each) {
        each.accept("holdfast.session.revalidate", text(session.revalidate()));
        each.accept("holdfast.session.attempts-max", Integer.toString(session.attemptsMax()));
        each.accept("holdfast.session.retry-first", text(session.retryFirst()));
        each.accept("holdfast.session.retry-max", text(session.retryMax()));
        each.accept("holdfast.session.concurrent-max", Integer.toString(session.concurrentMax()));
        each.accept(
                "holdfast.session.deadline",
                session.deadline().map(Settings::text).orElse("-"));
        each.accept("holdfast.mover.orphan-limit", text(mover.orphanLimit()));
        each.accept("holdfast.mover.hello-timeout", text(mover.helloTimeout()));
        each.accept("holdfast.mover.workers", Integer.toString(mover.workers()));
        each.accept("holdfast.mover.stall-limit", text(mover.stallLimit()));
        each.accept(
                "holdfast.mover.command",
                mover.command().map(words -> String.join(",", words)).orElse("-"));
        each.accept(
                "holdfast.mover.memory-max",
                mover.memoryMax().map(it -> it.asLongValue() + "").orElse("-"));
        each.accept(
                "holdfast.mover.cpu-max",
                mover.cpuMax().map(it -> Double.toString(it)).orElse("-"));
        each.accept("holdfast.shutdown.grace", text(shutdown.grace()));
        each.accept(
                "holdfast.shutdown.movers",
                shutdown.movers().map(it -> it.name().toLowerCase(Locale.ROOT)).orElse("-"));
        each.accept("holdfast.kube.qps", Double.toString(kube.qps()));
        each.accept("holdfast.kube.burst", Integer.toString(kube.burst()));
        each.accept("holdfast.kube.file", kube.file().map(Path::toString).orElse("-"));
        each.accept("holdfast.kube.auto", Boolean.toString(kube.auto()));
        each.accept(
                "holdfast.kube.shares",
                kube.shares().map(shares -> String.join(",", shares)).orElse("-"));
        each.accept("holdfast.kube.in-flight-max", Integer.toString(kube.inFlightMax()));
        each.accept(
                "holdfast.kube.kubeconfig",
                kube.kubeconfig().map(Path::toString).orElse("-"));
        each.accept("holdfast.kube.discovery-refresh", text(kube.discoveryRefresh()));
        each.accept(
                "holdfast.plugin.directory",
                plugin.directory().map(Path::toString).orElse("-"));
        each.accept("holdfast.plugin.start-timeout", text(plugin.startTimeout()));
        each.accept("holdfast.plugin.call-timeout", text(plugin.callTimeout()));
    }

    /**
     * The setting that a misspelled name was most likely meant to be, if one is near.
     *
     * @param form how names are to be written before they are compared
     */
    public static Optional<String> nearest(String name, UnaryOperator<String> form) {
        return NAMES.stream()
                .filter(known -> distance(form.apply(known), name) <= TYPOS_MAX)
                .min(Comparator.comparingInt(known -> distance(form.apply(known), name)));
    }

    private static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int above = row[j];
                int replaced = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[right.length()];
    }

    private static String text(Duration value) {
        return value.toString().substring(2).toLowerCase(Locale.ROOT);
    }

    private record Problems(List<String> lines) {
        void add(String line) {
            lines.add(line);
        }

        void absolute(String name, Optional<Path> value) {
            value.filter(path -> !path.isAbsolute()).ifPresent(path -> add(name + " is " + path + ": not absolute"));
        }

        void range(String name, long value, long min, long max) {
            if (value < min || value > max) {
                add(name + " is " + value + ": allowed is " + min + " to " + max);
            }
        }

        void range(String name, Duration value, Duration min, Duration max) {
            if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
                add(name + " is " + text(value) + ": allowed is " + text(min) + " to " + text(max));
            }
        }
    }
}
