package dev.holdfast.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The documents of one discovery as the server sent them: two aggregated ones, or on old servers one for each group and
 * version. Both forms are read into the same snapshot, and handed on as they are to children that ask for them.
 *
 * @param byPath such as {@code /api} and {@code /apis}
 */
record DiscoveryDocuments(Map<String, Document> byPath) {
    static final DiscoveryDocuments NONE = new DiscoveryDocuments(Map.of());
    static final String CORE = "/api";
    static final String GROUPS = "/apis";

    /** Order of the parameters matters to the server. */
    static final String ACCEPT = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
            + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

    private static final ObjectMapper JSON = new ObjectMapper();

    DiscoveryDocuments {
        byPath = Map.copyOf(byPath);
    }

    /** One as sent. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared as a whole: what is read from it is.
    record Document(@Nullable String etag, String contentType, byte[] body) {
        /** Judged by the parameters, which may come in any order. */
        boolean aggregated() {
            Set<String> parameters = new HashSet<>();
            for (String one : contentType.split(";", -1)) {
                parameters.add(one.strip());
            }
            return parameters.contains("g=apidiscovery.k8s.io")
                    && parameters.contains("as=APIGroupDiscoveryList")
                    && (parameters.contains("v=v2") || parameters.contains("v=v2beta1"));
        }
    }

    /** Whether both are aggregated; a mixture is treated as neither. */
    boolean aggregated() {
        Document core = byPath.get(CORE);
        Document groups = byPath.get(GROUPS);
        return core != null && groups != null && core.aggregated() && groups.aggregated();
    }

    /** Group versions that the two legacy documents name, with the address of each. */
    static List<String> legacyPaths(Document core, Document groups) throws IOException {
        List<String> paths = new ArrayList<>();
        JSON.readTree(core.body()).path("versions").forEach(it -> paths.add(CORE + "/" + it.asText()));
        for (JsonNode group : JSON.readTree(groups.body()).path("groups")) {
            group.path("versions")
                    .forEach(it ->
                            paths.add(GROUPS + "/" + it.path("groupVersion").asText()));
        }
        return paths;
    }

    /**
     * Reads them.
     *
     * @param failed legacy addresses that did not answer
     * @param before whose resources stand in for those of stale group versions
     */
    DiscoverySnapshot snapshot(
            long generation, Instant fetched, List<String> failed, @Nullable DiscoverySnapshot before)
            throws IOException {
        Reading reading = new Reading(before);
        if (aggregated()) {
            reading.aggregated(tree(CORE));
            reading.aggregated(tree(GROUPS));
        } else {
            for (String path : legacyPaths(document(CORE), document(GROUPS))) {
                String groupVersion = path.substring(path.indexOf('/', 1) + 1);
                if (failed.contains(path)) {
                    reading.stale(groupVersion);
                } else {
                    reading.legacy(groupVersion, tree(path));
                }
            }
        }
        return new DiscoverySnapshot(generation, fetched, reading.resources, reading.groupVersions, reading.stale);
    }

    private Document document(String path) throws IOException {
        Document found = byPath.get(path);
        if (found == null) {
            throw new IOException("discovery without " + path);
        }
        return found;
    }

    private JsonNode tree(String path) throws IOException {
        return JSON.readTree(document(path).body());
    }

    /** One pass over the documents. Equal strings and lists are kept once: most resources have the same verbs. */
    private static final class Reading {
        final List<ApiResource> resources = new ArrayList<>();
        final List<String> groupVersions = new ArrayList<>();
        final List<String> stale = new ArrayList<>();
        private final @Nullable DiscoverySnapshot before;
        private final Map<Object, Object> known = new HashMap<>();

        Reading(@Nullable DiscoverySnapshot before) {
            this.before = before;
        }

        void stale(String groupVersion) {
            groupVersions.add(groupVersion);
            stale.add(groupVersion);
            if (before != null) {
                before.resources().stream()
                        .filter(it -> it.groupVersion().equals(groupVersion))
                        .forEach(resources::add);
            }
        }

        void aggregated(JsonNode list) {
            for (JsonNode item : list.path("items")) {
                String group = once(item.path("metadata").path("name").asText(""));
                for (JsonNode version : item.path("versions")) {
                    String name = once(version.path("version").asText());
                    if (version.path("freshness").asText().equals("Stale")) {
                        stale(ApiResource.groupVersion(group, name));
                        continue;
                    }
                    groupVersions.add(ApiResource.groupVersion(group, name));
                    version.path("resources").forEach(it -> resources.add(aggregated(group, name, it)));
                }
            }
        }

        private ApiResource aggregated(String group, String version, JsonNode it) {
            List<ApiResource.Subresource> parts = new ArrayList<>();
            for (JsonNode part : it.path("subresources")) {
                parts.add(subresource(
                        part.path("subresource").asText(), group, version, part.path("responseKind"), part));
            }
            return new ApiResource(
                    group,
                    version,
                    once(it.path("resource").asText()),
                    once(it.path("singularResource").asText("")),
                    once(it.path("responseKind").path("kind").asText("")),
                    it.path("scope").asText().equals("Namespaced"),
                    texts(it.path("verbs")),
                    texts(it.path("shortNames")),
                    texts(it.path("categories")),
                    parts,
                    false);
        }

        void legacy(String groupVersion, JsonNode list) {
            groupVersions.add(groupVersion);
            int slash = groupVersion.indexOf('/');
            String group = once(slash < 0 ? "" : groupVersion.substring(0, slash));
            String version = once(groupVersion.substring(slash + 1));
            Map<String, List<ApiResource.Subresource>> parts = new HashMap<>();
            for (JsonNode it : list.path("resources")) {
                String name = it.path("name").asText();
                int part = name.indexOf('/');
                if (part > 0) {
                    parts.computeIfAbsent(name.substring(0, part), _ -> new ArrayList<>())
                            .add(subresource(name.substring(part + 1), group, version, it, it));
                }
            }
            for (JsonNode it : list.path("resources")) {
                String name = it.path("name").asText();
                if (name.indexOf('/') < 0) {
                    resources.add(new ApiResource(
                            group,
                            version,
                            once(name),
                            once(it.path("singularName").asText("")),
                            once(it.path("kind").asText("")),
                            it.path("namespaced").asBoolean(),
                            texts(it.path("verbs")),
                            texts(it.path("shortNames")),
                            texts(it.path("categories")),
                            parts.getOrDefault(name, List.of()),
                            false));
                }
            }
        }

        /** An empty group or version of the kind means that of the resource. */
        private ApiResource.Subresource subresource(
                String name, String group, String version, JsonNode kind, JsonNode verbs) {
            UnaryOperator<String> text = field -> kind.path(field).asText("");
            boolean own = text.apply("version").isEmpty();
            return new ApiResource.Subresource(
                    once(name),
                    own ? group : once(text.apply("group")),
                    own ? version : once(text.apply("version")),
                    once(text.apply("kind")),
                    texts(verbs.path("verbs")));
        }

        private List<String> texts(JsonNode array) {
            return once(StreamSupport.stream(array.spliterator(), false)
                    .map(it -> once(it.asText()))
                    .toList());
        }

        @SuppressWarnings("unchecked") // What is equal to a T here is a T.
        private <T> T once(T value) {
            return (T) known.computeIfAbsent(value, it -> it);
        }
    }
}
