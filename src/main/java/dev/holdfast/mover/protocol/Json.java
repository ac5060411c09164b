package dev.holdfast.mover.protocol;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** JSON as trees, read and written by hand: no reflection, and unknown fields are nobody's business. */
final class Json {
    private static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ObjectNode parse(byte[] content) throws MalformedException {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(content);
        } catch (JacksonException e) {
            throw new MalformedException("not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("an array cannot fail to be read", e);
        }
        if (tree instanceof ObjectNode object) {
            return object;
        }
        throw new MalformedException("not a JSON object");
    }

    static byte[] bytes(ObjectNode object) {
        try {
            return MAPPER.writeValueAsBytes(object);
        } catch (JacksonException e) {
            throw new IllegalStateException("a tree cannot fail to be written", e);
        }
    }

    static String text(ObjectNode object, String field) throws MalformedException {
        String value = textOrNull(object, field);
        if (value == null) {
            throw new MalformedException("field \"" + field + "\" is missing");
        }
        return value;
    }

    static @Nullable String textOrNull(ObjectNode object, String field) {
        JsonNode value = object.get(field);
        return value != null && value.isTextual() ? value.textValue() : null;
    }

    static long number(ObjectNode object, String field) throws MalformedException {
        JsonNode value = object.get(field);
        if (value == null || !value.canConvertToLong()) {
            throw new MalformedException("field \"" + field + "\" is missing or no number");
        }
        return value.longValue();
    }

    static long numberOr(ObjectNode object, String field, long otherwise) {
        JsonNode value = object.get(field);
        return value != null && value.canConvertToLong() ? value.longValue() : otherwise;
    }

    static boolean flag(ObjectNode object, String field) {
        JsonNode value = object.get(field);
        return value != null && value.booleanValue();
    }

    static ObjectNode child(ObjectNode object, String field) throws MalformedException {
        ObjectNode value = childOrNull(object, field);
        if (value == null) {
            throw new MalformedException("field \"" + field + "\" is missing or no object");
        }
        return value;
    }

    static @Nullable ObjectNode childOrNull(ObjectNode object, String field) {
        return object.get(field) instanceof ObjectNode value ? value : null;
    }

    /** Refuses what a newer version wrote in a way that this one would misread. */
    static void requireVersion(ObjectNode object, String what) throws MalformedException {
        long version = number(object, "version");
        if (version != 1) {
            throw new MalformedException(what + " has version " + version + "; this program reads version 1");
        }
    }
}
