package dev.holdfast.kube;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One kind of object in one version.
 *
 * @param group empty for the core group
 * @param resource plural, as in addresses
 * @param subresources such as {@code status}, without the resource
 * @param preferred whether this is the version to use: the first of its group that has the resource and is not stale
 */
public record ApiResource(
        String group,
        String version,
        String resource,
        String singular,
        String kind,
        boolean namespaced,
        List<String> verbs,
        List<String> shortNames,
        List<String> categories,
        List<Subresource> subresources,
        boolean preferred) {
    /** Part of an object that is read or written by itself. */
    public record Subresource(String name, String group, String version, String kind, List<String> verbs) {}

    public ApiResource {
        verbs = List.copyOf(verbs);
        shortNames = List.copyOf(shortNames);
        categories = List.copyOf(categories);
        subresources = List.copyOf(subresources);
    }

    ApiResource preferred(boolean now) {
        return now == preferred
                ? this
                : new ApiResource(
                        group,
                        version,
                        resource,
                        singular,
                        kind,
                        namespaced,
                        verbs,
                        shortNames,
                        categories,
                        subresources,
                        now);
    }

    /** Such as {@code apps/v1}, or {@code v1}. */
    public String groupVersion() {
        return groupVersion(group, version);
    }

    static String groupVersion(String group, String version) {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** Such as {@code deployments.apps}, or {@code pods}. */
    public String groupResource() {
        return group.isEmpty() ? resource : resource + "." + group;
    }

    /** Address of the list: of one namespace, or of all where that is null. */
    public String path(@Nullable String namespace) {
        String root = (group.isEmpty() ? "/api/" : "/apis/") + groupVersion() + "/";
        return root + (namespace == null ? "" : "namespaces/" + encoded(namespace) + "/") + resource;
    }

    /** A name as a part of an address; those of roles may have almost anything in them. */
    public static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Whether it can be asked for by that name: plural, singular, short name or kind. */
    public boolean answersTo(String name) {
        return resource.equalsIgnoreCase(name)
                || singular.equalsIgnoreCase(name)
                || kind.equalsIgnoreCase(name)
                || shortNames.stream().anyMatch(name::equalsIgnoreCase);
    }
}
