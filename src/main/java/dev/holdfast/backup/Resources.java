package dev.holdfast.backup;

import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.DiscoverySnapshot;
import dev.holdfast.plugin.ItemId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the cluster has, and which of it is meant by the names that people and plugins write. */
final class Resources {
    private final DiscoverySnapshot discovery;
    private final Map<String, ApiResource> preferred = new HashMap<>();

    Resources(DiscoverySnapshot discovery) {
        this.discovery = discovery;
        discovery.resources().stream()
                .filter(ApiResource::preferred)
                .forEach(resource -> preferred.put(resource.groupResource(), resource));
    }

    /** In the server's order, every version of each. */
    List<ApiResource> all() {
        return discovery.resources();
    }

    /** By plural and group, such as {@code deployments.apps}. */
    Optional<ApiResource> exact(String groupResource) {
        return Optional.ofNullable(preferred.get(groupResource));
    }

    /** The one that a name means, as Velero and kubectl have it: in its group, or in the first that has one. */
    Optional<ApiResource> meant(String name) {
        return discovery.find("", name);
    }

    /** What an object is of that a plugin has named. */
    Optional<ApiResource> of(ItemId id) {
        return exact(id.groupResource()).or(() -> discovery.find(id.group(), id.resource()));
    }

    /** The same object as lists name it; one of an unknown resource stays as it is. */
    ItemId normal(ItemId id) {
        return of(id).map(resource -> new ItemId(
                        resource.group(), resource.resource(), resource.namespaced() ? id.namespace() : "", id.name()))
                .orElse(id);
    }

    /** Group versions whose server does not answer. */
    List<String> stale() {
        return discovery.staleGroupVersions();
    }

    /** Whether it is known what there was in one of them before its server went silent. */
    boolean known(String groupVersion) {
        return all().stream().anyMatch(resource -> resource.groupVersion().equals(groupVersion));
    }
}
