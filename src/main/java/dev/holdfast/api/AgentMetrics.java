package dev.holdfast.api;

import dev.holdfast.api.KubeView.Spread;
import dev.holdfast.kube.BudgetSettings;
import dev.holdfast.kube.BudgetSource;
import dev.holdfast.kube.Kube;
import dev.holdfast.kube.KubeObserver;
import dev.holdfast.kube.Lane;
import dev.holdfast.session.Outcome;
import dev.holdfast.session.RecoveryOutcome;
import dev.holdfast.session.RecoveryReport;
import dev.holdfast.session.Session;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionObserver;
import dev.holdfast.session.Sessions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Every metric of the agent; {@code docs/metrics.md} says what each means. All are registered at start, so that a
 * counter that never counted reads zero rather than nothing.
 */
@Singleton
public final class AgentMetrics implements SessionObserver, KubeObserver {
    private static final String SESSIONS = "holdfast.sessions";
    private static final String QUARANTINED = "holdfast.sessions.quarantined";
    private static final String RECOVERED = "holdfast.sessions.recovered";
    private static final String SUBMITTED = "holdfast.sessions.submitted";
    private static final String ENDED = "holdfast.sessions.ended";
    private static final String TRANSITIONS = "holdfast.session.transitions";
    private static final String ATTEMPTS = "holdfast.session.attempts";
    private static final String TROUBLE = "holdfast.session.trouble";
    private static final String STORE = "holdfast.session.store";
    private static final String BYTES_DONE = "holdfast.transfer.done.bytes";
    private static final String BYTES_SENT = "holdfast.transfer.sent.bytes";
    private static final String BYTES_SENT_AGAIN = "holdfast.transfer.sent.again.bytes";
    private static final String BYTES_READ_AGAIN = "holdfast.transfer.read.again.bytes";
    private static final String READY = "holdfast.agent.ready";
    private static final String WRITABLE = "holdfast.session.store.writable";
    private static final String CGROUPS = "holdfast.agent.cgroups";

    private static final String KUBE_REQUESTS = "holdfast.kube.requests";
    private static final String KUBE_LATENCY = "holdfast.kube.request";
    private static final String KUBE_WAIT = "holdfast.kube.wait";
    private static final String KUBE_GAVE_UP = "holdfast.kube.gave.up";
    private static final String KUBE_THROTTLED = "holdfast.kube.throttled";
    private static final String KUBE_RETRIES = "holdfast.kube.retries";
    private static final String KUBE_SERVED = "holdfast.kube.served";
    private static final String KUBE_DISCOVERY = "holdfast.kube.discovery";

    private static final List<String> STATES =
            List.of("Accepted", "Prepared", "Launching", "Running", "Suspect", "Interrupted", "Canceling", "Ended");
    private static final List<String> KINDS = List.of("backup", "restore");
    private static final List<String> STARTS = List.of("FRESH", "RESUMED", "RESUMED_EARLIER", "RESTARTED");
    private static final List<String> OUTCOMES = List.of("completed", "failed", "canceled");

    private record Seen(long done, long sent, long sentAgain, long readAgain) {
        static final Seen NOTHING = new Seen(0, 0, 0, 0);

        static Seen of(Session session) {
            var totals = session.totals();
            return new Seen(
                    Math.max(0, session.progress().bytesDone()),
                    totals.bytesSent(),
                    totals.bytesSentAgain(),
                    totals.bytesReadAgain());
        }
    }

    private final MeterRegistry registry;
    /** What was counted of each session; guarded by itself. */
    private final Map<SessionId, Seen> seen = new HashMap<>();

    @Inject
    AgentMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Registers everything. To be called once, before recovery. */
    public void watch(Sessions sessions, AgentState agent) {
        for (String state : STATES) {
            Gauge.builder(SESSIONS, sessions, it -> count(it, state))
                    .tag("state", state)
                    .register(registry);
        }
        Gauge.builder(QUARANTINED, sessions, it -> it.quarantined().size()).register(registry);
        Gauge.builder(READY, agent, it -> it.recovered() && !it.stopping() ? 1 : 0)
                .register(registry);
        Gauge.builder(WRITABLE, sessions, it -> it.storeTrouble().isEmpty() ? 1 : 0)
                .register(registry);
        Gauge.builder(CGROUPS, agent, it -> it.cgroups().available() ? 1 : 0).register(registry);
        for (RecoveryOutcome outcome : RecoveryOutcome.values()) {
            recovered(outcome);
        }
        STATES.forEach(this::transitions);
        STARTS.forEach(this::attempts);
        registry.counter(TROUBLE, "code", "STORE");
        registry.timer(STORE);
        for (String kind : KINDS) {
            registry.counter(SUBMITTED, "kind", kind);
            OUTCOMES.forEach(outcome -> registry.counter(ENDED, "kind", kind, "outcome", outcome));
            List.of(BYTES_DONE, BYTES_SENT, BYTES_SENT_AGAIN, BYTES_READ_AGAIN)
                    .forEach(name -> registry.counter(name, "kind", kind));
        }
    }

    /** Registers what the gate and discovery show. To be called once, when the gate is open. */
    public void watch(Kube kube) {
        BudgetSettings settings = kube.settings();
        whileOpen("holdfast.kube.qps", kube, it -> it.pace().qps()).register(registry);
        whileOpen("holdfast.kube.burst", kube, it -> it.pace().burst()).register(registry);
        Gauge.builder("holdfast.kube.budget.generation", settings, it -> it.effective()
                        .generation())
                .register(registry);
        Gauge.builder(
                        "holdfast.kube.budget.refused",
                        settings,
                        it -> it.effective().refused().isEmpty() ? 0 : 1)
                .register(registry);
        for (BudgetSource source : BudgetSource.values()) {
            Gauge.builder(
                            "holdfast.kube.budget.source",
                            settings,
                            it -> it.effective().source() == source ? 1 : 0)
                    .tag("source", source.text())
                    .register(registry);
        }
        whileOpen(
                        "holdfast.kube.tokens",
                        kube,
                        it -> Math.min(it.bucket().tokens(), it.pace().burst()))
                .register(registry);
        for (Lane lane : Lane.values()) {
            whileOpen("holdfast.kube.waiting", kube, it -> it.bucket().waiting(lane))
                    .tag("lane", name(lane))
                    .register(registry);
            registry.timer(KUBE_WAIT, "lane", name(lane));
            registry.counter(KUBE_GAVE_UP, "lane", name(lane));
        }
        Gauge.builder("holdfast.kube.discovery.age", kube, it -> KubeView.Discovered.of(it)
                        .ageSeconds())
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder("holdfast.kube.discovery.stale", kube, it -> KubeView.Discovered.of(it)
                        .stale()
                        .size())
                .register(registry);
        registry.counter(KUBE_REQUESTS, "child", Kube.AGENT, "verb", "get", "code", "200");
        registry.timer(KUBE_LATENCY, "verb", "get");
        registry.counter(KUBE_THROTTLED);
        registry.counter(KUBE_RETRIES, "reason", "429");
        registry.counter(KUBE_SERVED, "child", Kube.AGENT, "what", "discovery");
        List.of("changed", "unchanged", "failed").forEach(it -> registry.timer(KUBE_DISCOVERY, "outcome", it));
    }

    /** Without a value while the gate is closed: a scrape may come as the agent leaves. */
    private static Gauge.Builder<Kube> whileOpen(String name, Kube kube, ToDoubleFunction<Kube> value) {
        return Gauge.builder(name, kube, it -> it.isOpen() ? value.applyAsDouble(it) : Double.NaN);
    }

    @Override
    public void answered(String child, String verb, int status, Duration took) {
        registry.counter(KUBE_REQUESTS, "child", child, "verb", verb, "code", status == 0 ? "none" : status + "")
                .increment();
        registry.timer(KUBE_LATENCY, "verb", verb).record(took);
        if (status == 429) {
            registry.counter(KUBE_THROTTLED).increment();
        }
    }

    @Override
    public void waited(String child, Lane lane, Duration waited, boolean gaveUp) {
        registry.timer(KUBE_WAIT, "lane", name(lane)).record(waited);
        if (gaveUp) {
            registry.counter(KUBE_GAVE_UP, "lane", name(lane)).increment();
        }
    }

    @Override
    public void retried(String reason) {
        registry.counter(KUBE_RETRIES, "reason", reason).increment();
    }

    @Override
    public void servedFromCache(String child, String what) {
        registry.counter(KUBE_SERVED, "child", child, "what", what).increment();
    }

    @Override
    public void discovered(String outcome, Duration took) {
        registry.timer(KUBE_DISCOVERY, "outcome", outcome).record(took);
    }

    /** What the gate did since the start, in a few numbers. */
    KubeView.Figures kubeFigures() {
        Map<String, Long> verbs = new TreeMap<>();
        Map<String, Long> children = new TreeMap<>();
        long answered = 0;
        for (Counter counter : registry.find(KUBE_REQUESTS).counters()) {
            long count = (long) counter.count();
            if (count > 0) {
                answered += count;
                verbs.merge(String.valueOf(counter.getId().getTag("verb")), count, Long::sum);
                children.merge(String.valueOf(counter.getId().getTag("child")), count, Long::sum);
            }
        }
        return new KubeView.Figures(
                answered,
                (long) registry.counter(KUBE_THROTTLED).count(),
                sum(KUBE_GAVE_UP),
                sum(KUBE_SERVED),
                Spread.of(registry.find(KUBE_WAIT).timers()),
                Spread.of(registry.find(KUBE_LATENCY).timers().stream()
                        .filter(it -> !"watch".equals(it.getId().getTag("verb")))
                        .toList()),
                verbs,
                children);
    }

    private long sum(String name) {
        return (long) registry.find(name).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static String name(Lane lane) {
        return lane.name().toLowerCase(java.util.Locale.ROOT);
    }

    /**
     * Counts what the transfers did since the last call. To be called every second or so, one call at a time; what an
     * agent before this one saw is not counted again.
     */
    public void count(List<Session> sessions, boolean firstLook) {
        synchronized (seen) {
            Set<SessionId> there = new HashSet<>();
            for (Session session : sessions) {
                there.add(session.id());
                Seen now = Seen.of(session);
                Seen before = seen.getOrDefault(session.id(), firstLook ? now : Seen.NOTHING);
                String kind = SessionView.kind(session.request());
                grow(BYTES_DONE, kind, now.done() - before.done());
                grow(BYTES_SENT, kind, now.sent() - before.sent());
                grow(BYTES_SENT_AGAIN, kind, now.sentAgain() - before.sentAgain());
                grow(BYTES_READ_AGAIN, kind, now.readAgain() - before.readAgain());
                seen.put(session.id(), now);
            }
            seen.keySet().retainAll(there);
        }
    }

    @Override
    public void submitted(Session session) {
        registry.counter(SUBMITTED, "kind", SessionView.kind(session.request())).increment();
    }

    @Override
    public void changed(Session before, Session after) {
        if (!before.stateName().equals(after.stateName())) {
            transitions(after.stateName()).increment();
        }
        if (before.outcome().isEmpty() && after.outcome().isPresent()) {
            Outcome outcome = after.outcome().get();
            registry.counter(ENDED, "kind", SessionView.kind(after.request()), "outcome", SessionView.name(outcome))
                    .increment();
        }
    }

    @Override
    public void began(Session session, String start) {
        attempts(start).increment();
    }

    @Override
    public void recovered(RecoveryReport.Recovered one) {
        recovered(one.outcome()).increment();
    }

    @Override
    public void written(Duration took) {
        Timer timer = registry.timer(STORE);
        timer.record(took);
    }

    @Override
    public void troubled(String code) {
        registry.counter(TROUBLE, "code", code).increment();
    }

    private Counter recovered(RecoveryOutcome outcome) {
        return registry.counter(RECOVERED, "outcome", SessionView.name(outcome));
    }

    private Counter transitions(String to) {
        return registry.counter(TRANSITIONS, "to", to);
    }

    private Counter attempts(String start) {
        return registry.counter(ATTEMPTS, "start", start.toLowerCase(java.util.Locale.ROOT));
    }

    private void grow(String name, String kind, long by) {
        if (by > 0) {
            registry.counter(name, "kind", kind).increment(by);
        }
    }

    private static double count(Sessions sessions, String state) {
        return sessions.all().stream()
                .filter(it -> it.stateName().equals(state))
                .count();
    }
}
