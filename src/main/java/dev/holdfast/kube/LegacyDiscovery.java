package dev.holdfast.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;

/** The documents of discovery before it was aggregated, made from a snapshot for clients that ask for nothing newer. */
final class LegacyDiscovery {
    private static final ObjectMapper JSON = new ObjectMapper();

    private LegacyDiscovery() {}

    /** The document at that address, or empty where a snapshot has none. */
    static Optional<ObjectNode> document(DiscoverySnapshot snapshot, List<String> segments) {
        boolean core = !segments.isEmpty() && segments.getFirst().equals("api");
        return switch (segments.size()) {
            case 1 -> Optional.of(core ? versions(snapshot) : groups(snapshot));
            case 2 -> core ? resources(snapshot, segments.get(1)) : group(snapshot, segments.get(1));
            case 3 -> core ? Optional.empty() : resources(snapshot, segments.get(1) + "/" + segments.get(2));
            default -> Optional.empty();
        };
    }

    private static ObjectNode versions(DiscoverySnapshot snapshot) {
        ObjectNode root = JSON.createObjectNode().put("kind", "APIVersions");
        ArrayNode versions = root.putArray("versions");
        snapshot.groupVersions().stream().filter(it -> it.indexOf('/') < 0).forEach(versions::add);
        root.putArray("serverAddressByClientCIDRs");
        return root;
    }

    private static ObjectNode groups(DiscoverySnapshot snapshot) {
        ObjectNode root = JSON.createObjectNode().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = root.putArray("groups");
        byGroup(snapshot).forEach((name, versions) -> groups.add(group(snapshot, name, versions)));
        return root;
    }

    private static Optional<ObjectNode> group(DiscoverySnapshot snapshot, String name) {
        List<String> versions = byGroup(snapshot).get(name);
        return versions == null
                ? Optional.empty()
                : Optional.of(
                        group(snapshot, name, versions).put("kind", "APIGroup").put("apiVersion", "v1"));
    }

    private static ObjectNode group(DiscoverySnapshot snapshot, String name, List<String> versions) {
        ObjectNode group = JSON.createObjectNode().put("name", name);
        ArrayNode list = group.putArray("versions");
        versions.forEach(it -> version(list.addObject(), name, it));
        String preferred = versions.stream()
                .filter(it -> !snapshot.staleGroupVersions().contains(name + "/" + it))
                .findFirst()
                .orElse(versions.getFirst());
        version(group.putObject("preferredVersion"), name, preferred);
        return group;
    }

    private static void version(ObjectNode into, String group, String version) {
        into.put("groupVersion", group + "/" + version).put("version", version);
    }

    private static SequencedMap<String, List<String>> byGroup(DiscoverySnapshot snapshot) {
        SequencedMap<String, List<String>> groups = new LinkedHashMap<>();
        for (String groupVersion : snapshot.groupVersions()) {
            int slash = groupVersion.indexOf('/');
            if (slash > 0) {
                groups.merge(
                        groupVersion.substring(0, slash),
                        List.of(groupVersion.substring(slash + 1)),
                        (left, right) -> java.util.stream.Stream.concat(left.stream(), right.stream())
                                .toList());
            }
        }
        return groups;
    }

    private static Optional<ObjectNode> resources(DiscoverySnapshot snapshot, String groupVersion) {
        if (!snapshot.groupVersions().contains(groupVersion)) {
            return Optional.empty();
        }
        ObjectNode root = JSON.createObjectNode()
                .put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", groupVersion);
        ArrayNode list = root.putArray("resources");
        for (ApiResource it : snapshot.resources()) {
            if (it.groupVersion().equals(groupVersion)) {
                list.add(resource(it));
                it.subresources().forEach(part -> list.add(subresource(it, part)));
            }
        }
        return Optional.of(root);
    }

    private static ObjectNode resource(ApiResource it) {
        ObjectNode node = JSON.createObjectNode()
                .put("name", it.resource())
                .put("singularName", it.singular())
                .put("namespaced", it.namespaced())
                .put("kind", it.kind());
        verbs(node, it.verbs());
        texts(node, "shortNames", it.shortNames());
        texts(node, "categories", it.categories());
        return node;
    }

    private static ObjectNode subresource(ApiResource it, ApiResource.Subresource part) {
        ObjectNode node = JSON.createObjectNode()
                .put("name", it.resource() + "/" + part.name())
                .put("singularName", "")
                .put("namespaced", it.namespaced());
        if (!part.group().equals(it.group()) || !part.version().equals(it.version())) {
            node.put("group", part.group()).put("version", part.version());
        }
        node.put("kind", part.kind());
        verbs(node, part.verbs());
        return node;
    }

    private static void verbs(ObjectNode node, List<String> verbs) {
        new TreeSet<>(verbs).forEach(node.putArray("verbs")::add);
    }

    private static void texts(ObjectNode node, String field, List<String> values) {
        if (!values.isEmpty()) {
            values.forEach(node.putArray(field)::add);
        }
    }
}
