package dev.holdfast.transfer.restore;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the `closed` object of a completed restore says: {@code restored <snapshot id> <kind of warning>=<number>...}.
 */
public record Closing(String snapshotId, Map<String, Long> warnings) {
    static final String CANCELED = "canceled";

    private static final String COMPLETED = "restored";

    public Closing {
        warnings = Map.copyOf(warnings);
    }

    /** Null when it says something else. */
    public static @Nullable Closing of(String outcome) {
        String[] words = outcome.split(" ", -1);
        if (words.length < 2 || !words[0].equals(COMPLETED)) {
            return null;
        }
        Map<String, Long> warnings = new HashMap<>();
        for (int i = 2; i < words.length; i++) {
            int sign = words[i].indexOf('=');
            if (sign > 0 && words[i].substring(sign + 1).matches("[0-9]{1,18}")) {
                warnings.put(words[i].substring(0, sign), Long.parseLong(words[i].substring(sign + 1)));
            }
        }
        return new Closing(words[1], warnings);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(COMPLETED).append(' ').append(snapshotId);
        new TreeMap<>(warnings)
                .forEach((kind, count) ->
                        text.append(' ').append(kind).append('=').append(count));
        return text.toString();
    }
}
