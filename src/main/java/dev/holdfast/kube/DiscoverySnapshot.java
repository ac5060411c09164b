package dev.holdfast.kube;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a cluster had at one time; never changes.
 *
 * @param generation grows with each change of content
 * @param resources in the server's order, every version of each
 * @param groupVersions every one the server names, in its order, also those without resources
 * @param staleGroupVersions those whose server did not answer: their resources are what was known before
 */
public record DiscoverySnapshot(
        long generation,
        Instant fetched,
        List<ApiResource> resources,
        List<String> groupVersions,
        List<String> staleGroupVersions) {
    /** Marks in each group the version to prefer. */
    public DiscoverySnapshot {
        groupVersions = List.copyOf(groupVersions);
        staleGroupVersions = List.copyOf(staleGroupVersions);
        resources = preferred(resources, Set.copyOf(staleGroupVersions));
    }

    private static List<ApiResource> preferred(List<ApiResource> all, Set<String> stale) {
        Set<String> chosen = new HashSet<>();
        Set<String> fresh = new HashSet<>();
        all.stream().filter(it -> !stale.contains(it.groupVersion())).forEach(it -> fresh.add(it.groupResource()));
        return all.stream()
                .map(it -> it.preferred((!stale.contains(it.groupVersion()) || !fresh.contains(it.groupResource()))
                        && chosen.add(it.groupResource())))
                .toList();
    }

    /**
     * The preferred resource of that name; in {@code group}, or wherever it is first found if that is empty and the
     * core group has none.
     *
     * @param name plural, singular, short name or kind; {@code deployments.apps} names the group as well
     */
    public Optional<ApiResource> find(String group, String name) {
        int dot = name.indexOf('.');
        if (group.isEmpty() && dot > 0) {
            return find(name.substring(dot + 1), name.substring(0, dot));
        }
        return resources.stream()
                .filter(it -> it.preferred() && it.answersTo(name))
                .filter(it -> group.isEmpty() || it.group().equals(group))
                .findFirst();
    }

    /** That very version of a kind. */
    public Optional<ApiResource> find(String group, String version, String kind) {
        return resources.stream()
                .filter(it -> it.group().equals(group)
                        && it.version().equals(version)
                        && it.kind().equals(kind))
                .findFirst();
    }

    DiscoverySnapshot at(long otherGeneration, Instant time) {
        return new DiscoverySnapshot(otherGeneration, time, resources, groupVersions, staleGroupVersions);
    }
}
