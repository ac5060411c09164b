package dev.holdfast.backup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A label selector in Kubernetes' syntax, such as {@code app=web,tier in (a,b),!old}, for what plugins ask for. */
final class LabelSelector {
    private static final String KEY = "([A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?)";
    private static final Pattern SET = Pattern.compile(KEY + "\\s+(in|notin)\\s*\\(([^()]*)\\)");
    private static final Pattern EQUALITY = Pattern.compile(KEY + "\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)");
    private static final Pattern ORDER = Pattern.compile(KEY + "\\s*([<>])\\s*(-?[0-9]{1,18})");
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
    private static final Pattern EXISTENCE = Pattern.compile("(!?)\\s*" + KEY);
    /** A comma outside of parentheses. */
    private static final Pattern COMMA = Pattern.compile(",(?![^(]*\\))");

    private final List<Predicate<Map<String, String>>> requirements = new ArrayList<>();

    /** @throws IllegalArgumentException with a message for people */
    LabelSelector(String text) {
        if (!text.isBlank()) {
            for (String part : COMMA.split(text, -1)) {
                requirements.add(requirement(part.strip(), text));
            }
        }
    }

    boolean matches(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.test(labels));
    }

    private static Predicate<Map<String, String>> requirement(String part, String whole) {
        Matcher set = SET.matcher(part);
        if (set.matches()) {
            Set<String> values = Arrays.stream(set.group(3).split(",", -1))
                    .map(String::strip)
                    .collect(Collectors.toSet());
            return valued(set.group(1), set.group(2).equals("in"), values);
        }
        Matcher equality = EQUALITY.matcher(part);
        if (equality.matches()) {
            return valued(equality.group(1), !equality.group(2).equals("!="), Set.of(equality.group(3)));
        }
        Matcher order = ORDER.matcher(part);
        if (order.matches()) {
            return ordered(order.group(1), order.group(2).equals(">"), Long.parseLong(order.group(3)));
        }
        Matcher existence = EXISTENCE.matcher(part);
        if (existence.matches()) {
            boolean wanted = existence.group(1).isEmpty();
            return labels -> labels.containsKey(existence.group(2)) == wanted;
        }
        throw new IllegalArgumentException("label selector \"" + whole + "\": \"" + part
                + "\" is not understood; write it like app=web,tier in (a,b),!old");
    }

    /** As Kubernetes has it: an object without the label satisfies {@code !=} and {@code notin}. */
    private static Predicate<Map<String, String>> valued(String key, boolean in, Set<String> values) {
        return labels -> {
            @Nullable String value = labels.get(key);
            return value == null ? !in : values.contains(value) == in;
        };
    }

    /** An object without the label, or with no number there, satisfies neither. */
    private static Predicate<Map<String, String>> ordered(String key, boolean more, long bound) {
        return labels -> {
            String value = labels.getOrDefault(key, "");
            return WHOLE.matcher(value).matches()
                    && (more ? Long.parseLong(value) > bound : Long.parseLong(value) < bound);
        };
    }
}
