package dev.holdfast.backup;

import dev.holdfast.kube.ApiResource;
import java.util.ArrayList;
import java.util.List;

/** Which lists a backup begins with. */
final class Queries {
    /** From here on, one list of all namespaces is cheaper than one list for each. */
    private static final int NAMESPACES_EACH_MAX = 4;

    private Queries() {}

    /** @param selection resolved */
    static List<Lists.Query> of(Resources resources, ObjectSelection selection) {
        List<Lists.Query> queries = new ArrayList<>();
        List<String> named = selection.namedNamespaces();
        if (named.isEmpty()) { // Named ones are fetched by name, and those of taken objects at the end.
            resources
                    .exact("namespaces")
                    .filter(selection::asksFor)
                    .ifPresent(it -> queries.add(new Lists.Query(it, "", selection.labels())));
        }
        for (ApiResource resource : ResourceOrder.of(resources.all(), selection)) {
            if (resources.stale().contains(resource.groupVersion())) {
                continue;
            }
            List<String> each = resource.namespaced() && !named.isEmpty() && named.size() <= NAMESPACES_EACH_MAX
                    ? named
                    : List.of("");
            each.forEach(namespace -> queries.add(new Lists.Query(resource, namespace, selection.labels())));
        }
        return queries;
    }
}
