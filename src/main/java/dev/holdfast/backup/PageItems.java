package dev.holdfast.backup;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.kube.ApiResource;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The objects of a page, one after the other, each with the API version and kind that items of a list may lack. */
final class PageItems implements Closeable {
    private final ApiResource resource;
    private final JsonParser parser;
    private final boolean any;

    PageItems(Page page, ApiResource resource) throws IOException {
        this.resource = resource;
        this.parser = page.parser();
        this.any = toItems();
    }

    /** The next object, or null at the end. */
    @Nullable
    ObjectNode next() throws IOException {
        if (!any || parser.nextToken() == JsonToken.END_ARRAY) {
            return null;
        }
        JsonNode item = Json.MAPPER.readTree(parser);
        if (!(item instanceof ObjectNode object)) {
            throw new IOException("an item of the list is no JSON object");
        }
        return complete(object, resource);
    }

    /** Puts version and kind first, where people and Velero look for them. */
    static ObjectNode complete(ObjectNode item, ApiResource resource) {
        if (item.hasNonNull("apiVersion") && item.hasNonNull("kind")) {
            return item;
        }
        ObjectNode whole = Json.MAPPER
                .createObjectNode()
                .put("apiVersion", resource.groupVersion())
                .put("kind", resource.kind());
        item.properties().forEach(field -> whole.set(field.getKey(), field.getValue()));
        return whole;
    }

    private boolean toItems() throws IOException {
        parser.nextToken();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean items = parser.currentName().equals("items");
            if (parser.nextToken() == JsonToken.START_ARRAY && items) {
                return true;
            }
            parser.skipChildren();
        }
        return false; // A list that is empty may come without items.
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
