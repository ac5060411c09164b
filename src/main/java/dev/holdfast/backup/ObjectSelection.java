package dev.holdfast.backup;

import dev.holdfast.kube.ApiResource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a backup takes. Lists of included ones that are empty mean all; excluded ones win. Names may have {@code *} in
 * them. A resource may be named as people do: {@code pods}, {@code po}, {@code Deployment}, {@code deployments.apps},
 * {@code *.example.com}; what such a name means is up to the cluster, see {@link #resolved}.
 *
 * @param labels label selector in Kubernetes' syntax that the server applies; empty for all
 */
public record ObjectSelection(
        List<String> includedNamespaces,
        List<String> excludedNamespaces,
        List<String> includedResources,
        List<String> excludedResources,
        String labels,
        ClusterScope clusterScope) {
    public static final ObjectSelection EVERYTHING =
            new ObjectSelection(List.of(), List.of(), List.of(), List.of(), "", ClusterScope.AUTO);

    public ObjectSelection {
        includedNamespaces = List.copyOf(includedNamespaces);
        excludedNamespaces = List.copyOf(excludedNamespaces);
        includedResources = List.copyOf(includedResources);
        excludedResources = List.copyOf(excludedResources);
    }

    /** The same with each resource by its plural and group; patterns stay. What means nothing is left out. */
    ObjectSelection resolved(Resources resources) {
        return new ObjectSelection(
                includedNamespaces,
                excludedNamespaces,
                resolved(includedResources, resources),
                resolved(excludedResources, resources),
                labels,
                clusterScope);
    }

    /** One line for each part that cannot be meant. */
    List<String> problems(Resources resources) {
        List<String> problems = new ArrayList<>();
        for (List<String> names : List.of(includedResources, excludedResources)) {
            for (String name : names) {
                if (meant(name, resources).isEmpty()) {
                    problems.add("no resource of this cluster is called \"" + name
                            + "\"; write it like pods, deployments.apps or *.example.com");
                }
            }
        }
        if (includedNamespaces.contains(".") || includedNamespaces.contains("..")) {
            problems.add("no namespace can be called \".\" or \"..\"");
        }
        try {
            new LabelSelector(labels);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        return problems;
    }

    /** Whether no namespace is left out. */
    boolean everyNamespace() {
        return namespaces().everything();
    }

    boolean takesNamespace(String namespace) {
        return namespaces().takes(namespace);
    }

    /** The namespaces by name, if all of the included ones are names and not patterns; else empty. */
    List<String> namedNamespaces() {
        return includedNamespaces.stream().anyMatch(Choice::pattern)
                ? List.of()
                : includedNamespaces.stream().filter(this::takesNamespace).toList();
    }

    /** Whether objects of this resource are asked for, by themselves. */
    boolean takes(ApiResource resource) {
        boolean scope = resource.namespaced()
                || switch (clusterScope) {
                    case ALL -> true;
                    case NONE -> false;
                    case AUTO -> everyNamespace();
                };
        return scope && asksFor(resource);
    }

    /** Whether the resource is a chosen one, whatever its scope. */
    boolean asksFor(ApiResource resource) {
        return (includedResources.isEmpty() || named(resource, includedResources))
                && !named(resource, excludedResources);
    }

    /** Whether an object of this resource may be taken because another one needs it. */
    boolean admits(ApiResource resource, String namespace) {
        return resource.namespaced()
                ? takesNamespace(namespace) && asksFor(resource)
                : clusterScope != ClusterScope.NONE && !named(resource, excludedResources);
    }

    /** Whether something of an API that nothing is known of could be chosen. */
    boolean mayAskFor(String group) {
        String any = "x." + group;
        return (includedResources.isEmpty() || includedResources.stream().anyMatch(name -> mayMean(name, group)))
                && excludedResources.stream().noneMatch(name -> Choice.glob(name, any));
    }

    /** A pattern may mean a plural of that group, whatever it is. */
    private static boolean mayMean(String name, String group) {
        int dot = name.indexOf('.');
        return Choice.glob(name, "x." + group)
                || (Choice.pattern(name) && (dot < 0 || Choice.glob(name.substring(dot), "." + group)));
    }

    private Choice namespaces() {
        return new Choice(includedNamespaces, excludedNamespaces);
    }

    private static List<String> resolved(List<String> names, Resources resources) {
        Set<String> found = new LinkedHashSet<>();
        names.forEach(name -> found.addAll(meant(name, resources)));
        return List.copyOf(found);
    }

    /** A name means one resource, as with kubectl; where two groups serve the same objects, both. */
    private static List<String> meant(String name, Resources resources) {
        String wanted = name.toLowerCase(Locale.ROOT);
        if (Choice.pattern(wanted)) {
            boolean known = resources.all().stream().anyMatch(resource -> matches(wanted, resource))
                    || resources.stale().stream().anyMatch(silent -> Choice.glob(wanted, "x." + group(silent)));
            return known ? List.of(wanted) : List.of();
        }
        return resources
                .meant(wanted)
                .map(found -> wanted.contains(".")
                        ? List.of(found.groupResource())
                        : ResourceOrder.alsoServedAs(found, resources.all()))
                .orElse(List.of());
    }

    private static boolean named(ApiResource resource, List<String> names) {
        return names.stream().anyMatch(name -> matches(name, resource));
    }

    private static boolean matches(String name, ApiResource resource) {
        return Choice.glob(name, resource.groupResource())
                || (Choice.pattern(name) && Choice.glob(name, resource.resource()));
    }

    /** Of a group version. */
    static String group(String groupVersion) {
        return groupVersion.substring(0, Math.max(0, groupVersion.indexOf('/')));
    }
}
