package dev.holdfast.plugin.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.plugin.PluginException;
import java.io.IOException;

/** A Kubernetes object as the actions look at it. */
record Item(JsonNode json) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static Item read(byte[] json) throws PluginException {
        try {
            JsonNode node = MAPPER.readTree(json);
            if (node.path("kind").asText().isEmpty()
                    || node.path("metadata").path("name").asText().isEmpty()) {
                throw new PluginException(PluginException.Code.NONSENSE, "an item without kind or name");
            }
            return new Item(node);
        } catch (IOException e) {
            throw new PluginException(PluginException.Code.NONSENSE, "an item that is no JSON object", e);
        }
    }

    String namespace() {
        return json.path("metadata").path("namespace").asText();
    }

    String name() {
        return json.path("metadata").path("name").asText();
    }

    String kind() {
        return json.path("kind").asText();
    }

    /** Empty for the core. */
    String group() {
        String apiVersion = json.path("apiVersion").asText();
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }
}
