package dev.holdfast.backup;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Names that are taken and names that are not, as Velero has it: none included means all, excluded ones win, and
 * {@code *} stands for any part.
 */
record Choice(List<String> included, List<String> excluded) {
    Choice {
        included = List.copyOf(included);
        excluded = List.copyOf(excluded);
    }

    /** Whether nothing is left out. */
    boolean everything() {
        return excluded.isEmpty() && (included.isEmpty() || included.contains("*"));
    }

    boolean takes(String name) {
        boolean in = included.isEmpty() || included.stream().anyMatch(pattern -> glob(pattern, name));
        return in && !leavesOut(name);
    }

    /** Whether it is an excluded one. */
    boolean leavesOut(String name) {
        return excluded.stream().anyMatch(pattern -> glob(pattern, name));
    }

    static boolean pattern(String name) {
        return name.contains("*");
    }

    static boolean glob(String pattern, String value) {
        if (!pattern(pattern)) {
            return pattern.equals(value);
        }
        StringBuilder regex = new StringBuilder();
        for (String literal : pattern.split("\\*", -1)) {
            regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(literal));
        }
        return value.matches(regex.toString());
    }
}
