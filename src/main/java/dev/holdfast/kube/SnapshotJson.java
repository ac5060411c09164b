package dev.holdfast.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** A snapshot as JSON: how it goes to children and to the disk. Fields are only ever added. */
final class SnapshotJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SnapshotJson() {}

    static ObjectNode write(DiscoverySnapshot snapshot) {
        ObjectNode root = JSON.createObjectNode()
                .put("generation", snapshot.generation())
                .put("fetched", snapshot.fetched().toString());
        snapshot.groupVersions().forEach(root.putArray("groupVersions")::add);
        snapshot.staleGroupVersions().forEach(root.putArray("stale")::add);
        ArrayNode resources = root.putArray("resources");
        for (ApiResource it : snapshot.resources()) {
            ObjectNode one = resources
                    .addObject()
                    .put("group", it.group())
                    .put("version", it.version())
                    .put("resource", it.resource())
                    .put("singular", it.singular())
                    .put("kind", it.kind())
                    .put("namespaced", it.namespaced());
            texts(one, "verbs", it.verbs());
            texts(one, "shortNames", it.shortNames());
            texts(one, "categories", it.categories());
            for (ApiResource.Subresource part : it.subresources()) {
                ObjectNode sub = one.withArray("subresources")
                        .addObject()
                        .put("name", part.name())
                        .put("group", part.group())
                        .put("version", part.version())
                        .put("kind", part.kind());
                texts(sub, "verbs", part.verbs());
            }
        }
        return root;
    }

    private static void texts(ObjectNode into, String field, List<String> values) {
        if (!values.isEmpty()) {
            values.forEach(into.putArray(field)::add);
        }
    }

    static DiscoverySnapshot read(JsonNode root) {
        Map<List<String>, List<String>> known = new HashMap<>();
        List<ApiResource> resources = new ArrayList<>();
        for (JsonNode it : root.path("resources")) {
            List<ApiResource.Subresource> parts = new ArrayList<>();
            for (JsonNode part : it.path("subresources")) {
                parts.add(new ApiResource.Subresource(
                        text(part, "name"),
                        text(part, "group"),
                        text(part, "version"),
                        text(part, "kind"),
                        texts(part.path("verbs"), known)));
            }
            resources.add(new ApiResource(
                    text(it, "group"),
                    text(it, "version"),
                    text(it, "resource"),
                    text(it, "singular"),
                    text(it, "kind"),
                    it.path("namespaced").asBoolean(),
                    texts(it.path("verbs"), known),
                    texts(it.path("shortNames"), known),
                    texts(it.path("categories"), known),
                    parts,
                    false));
        }
        return new DiscoverySnapshot(
                root.path("generation").asLong(),
                Instant.parse(root.path("fetched").asText()),
                resources,
                texts(root.path("groupVersions"), known),
                texts(root.path("stale"), known));
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asText("");
    }

    private static List<String> texts(JsonNode array, Map<List<String>, List<String>> known) {
        List<String> texts = StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
        return known.computeIfAbsent(texts, it -> it);
    }
}
