package dev.holdfast.backup;

import dev.holdfast.kube.ApiResource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which resources are listed, and in which order: pods, then their claims, then the volumes of these, so that the three
 * are read close to each other; the rest of the core; then group by group as the server names them, and the old
 * {@code extensions} last.
 */
final class ResourceOrder {
    private static final Set<String> VERBS = Set.of("list", "create", "get", "delete");
    private static final List<String> FIRST = List.of("pods", "persistentvolumeclaims", "persistentvolumes");
    /** Served by two groups, the same objects in both. */
    private static final Set<String> TWICE =
            Set.of("deployments", "daemonsets", "replicasets", "networkpolicies", "ingresses", "events");

    private ResourceOrder() {}

    /** Of all resources of a cluster, those to be listed. The namespaces themselves are not among them. */
    static List<ApiResource> of(List<ApiResource> all, ObjectSelection selection) {
        List<ApiResource> wanted = new ArrayList<>(all.stream()
                .filter(ApiResource::preferred)
                .filter(resource -> resource.verbs().containsAll(VERBS))
                .filter(resource -> !isNamespaces(resource))
                .filter(selection::takes)
                .sorted(Comparator.comparingInt(ResourceOrder::rank)) // Stable: the rest stays as it came.
                .toList());
        Set<String> seen = new HashSet<>();
        wanted.removeIf(resource -> twice(resource) && !seen.add(resource.resource()));
        return List.copyOf(wanted);
    }

    /** The names, with groups, of the same objects wherever they are served. */
    static List<String> alsoServedAs(ApiResource resource, List<ApiResource> all) {
        return twice(resource)
                ? all.stream()
                        .filter(other -> other.resource().equals(resource.resource()) && twice(other))
                        .map(ApiResource::groupResource)
                        .distinct()
                        .toList()
                : List.of(resource.groupResource());
    }

    static boolean isNamespaces(ApiResource resource) {
        return resource.groupResource().equals("namespaces");
    }

    private static int rank(ApiResource resource) {
        if (resource.group().isEmpty()) {
            int first = FIRST.indexOf(resource.resource());
            return first < 0 ? FIRST.size() : first;
        }
        return FIRST.size() + (resource.group().equals("extensions") ? 2 : 1);
    }

    private static boolean twice(ApiResource resource) {
        return TWICE.contains(resource.resource())
                && Set.of("", "apps", "extensions", "networking.k8s.io", "events.k8s.io")
                        .contains(resource.group());
    }
}
