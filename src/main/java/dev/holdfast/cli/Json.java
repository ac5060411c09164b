package dev.holdfast.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** JSON as trees: the command line must read answers of older and newer agents, so it binds no classes. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** One line. */
    public static String line(JsonNode node) {
        return node.toString();
    }

    public static String pretty(JsonNode node) {
        return node.toPrettyString();
    }

    public static JsonNode read(String text) throws JsonProcessingException {
        return MAPPER.readTree(text);
    }

    /** The text at {@code name}, or null where it is absent or null. */
    public static @Nullable String text(JsonNode node, String name) {
        JsonNode value = node.path(name);
        return value.isMissingNode() || value.isNull() ? null : value.asText();
    }

    public static String text(JsonNode node, String name, String otherwise) {
        String value = text(node, name);
        return value == null ? otherwise : value;
    }
}
