package dev.holdfast.kube;

import java.util.Arrays;
import java.util.Locale;

/** Who says how large the budget is; later ones win. */
public enum BudgetSource {
    BUILT_IN,
    CONFIG_FILE,
    SHARED_FILE,
    ENVIRONMENT,
    COMMAND_LINE,
    /** Told while running, by REST or, to a child, by the agent. */
    LIVE;

    /** As people read it: {@code shared file}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** The one of that text; the highest for what a newer agent may say. */
    static BudgetSource of(String text) {
        return Arrays.stream(values())
                .filter(it -> it.text().equals(text))
                .findFirst()
                .orElse(LIVE);
    }
}
