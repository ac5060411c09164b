package dev.holdfast.kube;

import dev.holdfast.config.Budget;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Which budget is in force, and who said so. The pair is checked as a whole: one that is wrong changes nothing. Readers
 * see one pair or the next, never a mixture. Lock: the object guards the layers.
 */
public final class BudgetSettings {
    private static final Logger LOG = Logger.getLogger(BudgetSettings.class);

    private final Map<BudgetSource, Layer> layers = new EnumMap<>(BudgetSource.class);
    private final List<Consumer<Effective>> listeners = new CopyOnWriteArrayList<>();
    private volatile Effective effective;

    /** What one source says; null for what it leaves to others. */
    public record Layer(@Nullable Double qps, @Nullable Double burst) {
        public static final Layer EMPTY = new Layer(null, null);

        boolean empty() {
            return qps == null && burst == null;
        }
    }

    /**
     * What is in force.
     *
     * @param generation grows with each change
     * @param refused what the last refused change was wrong with; empty if nothing was refused since the last good one
     */
    public record Effective(
            Budget budget, BudgetSource qpsFrom, BudgetSource burstFrom, long generation, String refused) {
        /** The higher of the two sources. */
        public BudgetSource source() {
            return qpsFrom.compareTo(burstFrom) > 0 ? qpsFrom : burstFrom;
        }
    }

    public BudgetSettings() {
        effective = new Effective(Budget.BUILT_IN, BudgetSource.BUILT_IN, BudgetSource.BUILT_IN, 1, "");
    }

    public Effective effective() {
        return effective;
    }

    /** Calls back after each change, in the thread that made it. */
    public void onChange(Consumer<Effective> listener) {
        listeners.add(listener);
    }

    /**
     * Puts in place what a source says.
     *
     * @return why it was refused; empty when it is in force, or would be if no later source said otherwise
     */
    public Optional<String> change(BudgetSource source, Layer layer) {
        Effective before;
        Effective now;
        synchronized (this) {
            before = effective;
            Layer last = layer.empty() ? layers.remove(source) : layers.put(source, layer);
            Effective next = resolve(before.generation() + 1);
            Optional<String> problem = next == null ? Optional.of(problem()) : alone(layer);
            if (problem.isPresent() || next == null) {
                restore(source, last);
                String why = source.text() + ": " + problem.orElse("") + "; " + before.budget() + " stays in force";
                if (source == BudgetSource.LIVE) {
                    return Optional.of(why); // Who asked for it is told, and nobody else needs to know.
                }
                effective =
                        new Effective(before.budget(), before.qpsFrom(), before.burstFrom(), before.generation(), why);
                LOG.warnf("request budget refused from %s", why);
                return Optional.of(why);
            }
            if (same(before, next)) {
                if (!before.refused().isEmpty()) {
                    effective = new Effective(
                            before.budget(), before.qpsFrom(), before.burstFrom(), before.generation(), "");
                }
                return Optional.empty();
            }
            effective = next;
            now = next;
        }
        LOG.infof(
                "request budget changed qps/burst=%s from=%s generation=%d before=%s",
                now.budget(), now.source().text(), now.generation(), before.budget());
        now.budget().warning().ifPresent(LOG::warn);
        listeners.forEach(it -> it.accept(now));
        return Optional.empty();
    }

    /** Notes that a source could not be read; what it said before stays in force. */
    public synchronized void unreadable(BudgetSource source, String why) {
        Effective now = effective;
        String refused = source.text() + ": " + why + "; " + now.budget() + " stays in force";
        if (!refused.equals(now.refused())) {
            LOG.warnf("request budget refused from %s", refused);
        }
        effective = new Effective(now.budget(), now.qpsFrom(), now.burstFrom(), now.generation(), refused);
    }

    private void restore(BudgetSource source, @Nullable Layer last) {
        if (last == null) {
            layers.remove(source);
        } else {
            layers.put(source, last);
        }
    }

    private static boolean same(Effective left, Effective right) {
        return left.budget().equals(right.budget())
                && left.qpsFrom() == right.qpsFrom()
                && left.burstFrom() == right.burstFrom();
    }

    /** A wrong value is wrong also where a later source hides it. */
    private static Optional<String> alone(Layer layer) {
        double qps = layer.qps() == null ? Budget.BUILT_IN.qps() : layer.qps();
        double burst = layer.burst() == null ? Budget.BUILT_IN.burst() : layer.burst();
        return Budget.problem(qps, burst);
    }

    private String problem() {
        return Budget.problem(qps().value(), burst().value()).orElse("");
    }

    private @Nullable Effective resolve(long generation) {
        Found qps = qps();
        Found burst = burst();
        return Budget.problem(qps.value(), burst.value()).isPresent()
                ? null
                : new Effective(new Budget(qps.value(), (int) burst.value()), qps.from(), burst.from(), generation, "");
    }

    private record Found(double value, BudgetSource from) {}

    private Found qps() {
        Found found = new Found(Budget.BUILT_IN.qps(), BudgetSource.BUILT_IN);
        for (Map.Entry<BudgetSource, Layer> layer : layers.entrySet()) {
            Double value = layer.getValue().qps();
            found = value == null ? found : new Found(value, layer.getKey());
        }
        return found;
    }

    private Found burst() {
        Found found = new Found(Budget.BUILT_IN.burst(), BudgetSource.BUILT_IN);
        for (Map.Entry<BudgetSource, Layer> layer : layers.entrySet()) {
            Double value = layer.getValue().burst();
            found = value == null ? found : new Found(value, layer.getKey());
        }
        return found;
    }
}
