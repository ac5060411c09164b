package dev.holdfast.mover.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What could not be taken or restored as it is: so many of a kind, the first of them in words.
 *
 * @param example at most {@value #EXAMPLE_MAX} characters are kept
 */
public record Warning(String kind, long count, String example) {
    private static final int EXAMPLE_MAX = 500;
    private static final int KINDS_MAX = 32;
    /** What a mover that only counts them tells. */
    private static final String OTHER = "other";

    public Warning {
        example = example.length() > EXAMPLE_MAX ? example.substring(0, EXAMPLE_MAX) : example;
    }

    /** Adds {@code warnings} (how many) and {@code warningKinds} (which). */
    static void write(List<Warning> warnings, ObjectNode into) {
        into.put("warnings", warnings.stream().mapToLong(Warning::count).sum());
        ArrayNode kinds = into.putArray("warningKinds");
        warnings.forEach(one -> kinds.addObject()
                .put("kind", one.kind())
                .put("count", one.count())
                .put("example", one.example()));
    }

    /** Reverse of {@link #write}, also for movers that only count. */
    static List<Warning> read(ObjectNode from) throws IOException {
        List<Warning> warnings = new ArrayList<>();
        for (JsonNode one : from.path("warningKinds")) {
            if (one instanceof ObjectNode warning && warnings.size() < KINDS_MAX) {
                warnings.add(new Warning(
                        Json.text(warning, "kind"), Json.number(warning, "count"), Json.text(warning, "example")));
            }
        }
        long count = Json.numberOr(from, "warnings", 0);
        if (warnings.isEmpty() && count > 0) {
            warnings.add(new Warning(OTHER, count, "the mover's log says which"));
        }
        return List.copyOf(warnings);
    }
}
