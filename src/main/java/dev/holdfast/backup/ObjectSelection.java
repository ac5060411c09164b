package dev.holdfast.backup;

import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.DiscoverySnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a backup takes. Lists of included ones that are empty mean all; excluded ones win. Names may have {@code *} in
 * them. A resource may be named as people do: {@code pods}, {@code po}, {@code Deployment}, {@code deployments.apps},
 * {@code *.example.com}.
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

    /** Whether no namespace is left out. */
    boolean everyNamespace() {
        return (includedNamespaces.isEmpty() || includedNamespaces.contains("*")) && excludedNamespaces.isEmpty();
    }

    boolean takesNamespace(String namespace) {
        return chosen(namespace, includedNamespaces, excludedNamespaces);
    }

    /** The namespaces by name, if all of the included ones are names and not patterns; else empty. */
    List<String> namedNamespaces() {
        boolean patterns = includedNamespaces.stream().anyMatch(name -> name.contains("*"));
        return patterns
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
        return scope && named(resource, includedResources, true) && !named(resource, excludedResources, false);
    }

    /** Whether an object of this resource may be taken because another one needs it. */
    boolean admits(ApiResource resource, String namespace) {
        if (named(resource, excludedResources, false)) {
            return false;
        }
        return resource.namespaced()
                ? takesNamespace(namespace) && named(resource, includedResources, true)
                : clusterScope != ClusterScope.NONE;
    }

    /** One line for each name that cannot be meant: no resource of this cluster has it. */
    List<String> problems(DiscoverySnapshot discovery) {
        List<String> problems = new ArrayList<>();
        for (List<String> names : List.of(includedResources, excludedResources)) {
            for (String name : names) {
                if (discovery.resources().stream().noneMatch(resource -> matches(name, resource))) {
                    problems.add("no resource of this cluster is called \"" + name
                            + "\"; write it like pods, deployments.apps or *.example.com");
                }
            }
        }
        return problems;
    }

    private static boolean named(ApiResource resource, List<String> names, boolean ifEmpty) {
        return names.isEmpty() ? ifEmpty : names.stream().anyMatch(name -> matches(name, resource));
    }

    private static boolean matches(String name, ApiResource resource) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return glob(wanted, resource.groupResource()) || glob(wanted, resource.resource()) || resource.answersTo(name);
    }

    private static boolean chosen(String value, List<String> included, List<String> excluded) {
        boolean in = included.isEmpty() || included.stream().anyMatch(name -> glob(name, value));
        return in && excluded.stream().noneMatch(name -> glob(name, value));
    }

    private static boolean glob(String pattern, String value) {
        if (!pattern.contains("*")) {
            return pattern.equals(value);
        }
        StringBuilder regex = new StringBuilder();
        for (String literal : pattern.split("\\*", -1)) {
            regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(literal));
        }
        return value.matches(regex.toString());
    }
}
