package dev.holdfast.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.Cluster;
import dev.holdfast.kube.Discovery;
import dev.holdfast.kube.DiscoverySnapshot;
import dev.holdfast.kube.KubeErrors;
import dev.holdfast.kube.KubeException;
import dev.holdfast.kube.Lane;
import dev.holdfast.kube.RawAnswer;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A cluster in memory that answers as an API server does, and fails where it is told to. */
final class FakeCluster implements Cluster {
    final List<String> requests = new CopyOnWriteArrayList<>();
    /** By path and query: what to throw instead of an answer. */
    volatile Function<String, Optional<KubeException>> failure = _ -> Optional.empty();

    /** Group versions whose server does not answer. */
    final List<String> stale = new ArrayList<>();

    private final List<ApiResource> resources = new ArrayList<>();
    private final Map<String, TreeMap<String, ObjectNode>> objects = new HashMap<>();
    private final Map<String, byte[]> definitions = new HashMap<>();

    ApiResource kind(String group, String resource, String kind, boolean namespaced) {
        ApiResource added = new ApiResource(
                group,
                "v1",
                resource,
                kind.toLowerCase(Locale.ROOT),
                kind,
                namespaced,
                List.of("create", "delete", "get", "list", "patch", "update", "watch"),
                List.of(),
                List.of(),
                List.of(),
                true);
        resources.add(added);
        return added;
    }

    ObjectNode add(ApiResource resource, String namespace, String name) {
        ObjectNode object = Json.MAPPER.createObjectNode();
        object.putObject("metadata").put("name", name);
        if (!namespace.isEmpty()) {
            object.withObject("metadata").put("namespace", namespace);
        }
        objects.computeIfAbsent(resource.groupResource(), _ -> new TreeMap<>()).put(namespace + "/" + name, object);
        return object;
    }

    void define(String name) {
        definitions.put(
                name,
                ("{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\",\"metadata\":"
                                + "{\"name\":\"" + name + "\"}}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean configured() {
        return true;
    }

    @Override
    public KubernetesClient client(Lane lane) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Discovery discovery() {
        DiscoverySnapshot snapshot = new DiscoverySnapshot(1, Instant.EPOCH, resources, stale, stale);
        return new Discovery() {
            @Override
            public DiscoverySnapshot snapshot() {
                return snapshot;
            }

            @Override
            public DiscoverySnapshot recent() {
                return snapshot;
            }

            @Override
            public DiscoverySnapshot refreshed() {
                return snapshot;
            }
        };
    }

    @Override
    public Optional<byte[]> definition(String name) {
        return Optional.ofNullable(definitions.get(name));
    }

    @Override
    public RawAnswer get(Lane lane, String pathAndQuery, String accept) throws KubeException {
        asked(pathAndQuery);
        for (ApiResource resource : resources) {
            for (Map.Entry<String, ObjectNode> entry : of(resource).entrySet()) {
                JsonNode metadata = entry.getValue().path("metadata");
                String namespace = metadata.path("namespace").asText();
                String path = resource.path(resource.namespaced() ? namespace : null) + "/"
                        + metadata.path("name").asText();
                if (path.equals(pathAndQuery)) {
                    ObjectNode whole = PageItems.complete(entry.getValue(), resource);
                    return new RawAnswer(200, Map.of(), whole.toString().getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        throw KubeErrors.of(KubeException.Code.NOT_FOUND);
    }

    @Override
    public InputStream open(Lane lane, String pathAndQuery, String accept) throws KubeException {
        asked(pathAndQuery);
        String path = pathAndQuery.substring(0, pathAndQuery.indexOf('?'));
        int limit = Integer.parseInt(parameter(pathAndQuery, "limit"));
        String from = parameter(pathAndQuery, "continue");
        for (ApiResource resource : resources) {
            String namespace = path.contains("/namespaces/") ? path.replaceAll(".*/namespaces/([^/]+)/.*", "$1") : "";
            if (path.equals(resource.path(namespace.isEmpty() ? null : namespace))) {
                return new ByteArrayInputStream(page(resource, namespace, limit, from));
            }
        }
        throw KubeErrors.of(KubeException.Code.NOT_FOUND);
    }

    private byte[] page(ApiResource resource, String namespace, int limit, String from) {
        List<Map.Entry<String, ObjectNode>> all = of(resource).entrySet().stream()
                .filter(entry -> namespace.isEmpty() || entry.getKey().startsWith(namespace + "/"))
                .filter(entry -> entry.getKey().compareTo(from) > 0)
                .toList();
        ObjectNode list = Json.MAPPER
                .createObjectNode()
                .put("kind", resource.kind() + "List")
                .put("apiVersion", resource.groupVersion());
        ObjectNode metadata = list.putObject("metadata").put("resourceVersion", "7");
        ArrayNode items = list.putArray("items");
        all.stream().limit(limit).forEach(entry -> items.add(entry.getValue()));
        if (all.size() > limit) {
            metadata.put("continue", all.get(limit - 1).getKey());
        }
        return list.toString().getBytes(StandardCharsets.UTF_8);
    }

    private Map<String, ObjectNode> of(ApiResource resource) {
        return objects.getOrDefault(resource.groupResource(), new TreeMap<>());
    }

    private void asked(String pathAndQuery) throws KubeException {
        requests.add(pathAndQuery);
        Optional<KubeException> trouble = failure.apply(pathAndQuery);
        if (trouble.isPresent()) {
            throw trouble.get();
        }
    }

    private static String parameter(String pathAndQuery, String name) {
        for (String pair : pathAndQuery.substring(pathAndQuery.indexOf('?') + 1).split("&")) {
            if (pair.startsWith(name + "=")) {
                return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
            }
        }
        return "";
    }
}
