package dev.holdfast.plugin.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.kube.Cluster;
import dev.holdfast.kube.KubeException;
import dev.holdfast.kube.Lane;
import dev.holdfast.plugin.PluginException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is bound to which role in the whole cluster: read when first asked for, in two lists, and kept for the life of
 * the process, which is one backup. Lock: the object itself guards what is read.
 */
final class Bindings {
    private static final String API = "/apis/rbac.authorization.k8s.io/v1/";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Cluster cluster;
    private @Nullable List<Binding> all;

    /**
     * One binding.
     *
     * @param namespace empty for a cluster role binding
     * @param clusterRole whether the role is one of the cluster
     */
    record Binding(String namespace, String name, boolean clusterRole, String role, List<JsonNode> subjects) {}

    Bindings(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Those that name this service account. */
    List<Binding> naming(String namespace, String name) throws PluginException {
        return all().stream()
                .filter(binding -> binding.subjects().stream()
                        .anyMatch(subject -> ServiceAccountAction.names(subject, binding.namespace(), namespace, name)))
                .toList();
    }

    private synchronized List<Binding> all() throws PluginException {
        List<Binding> known = all;
        if (known == null) {
            known = new ArrayList<>();
            read("clusterrolebindings", known);
            read("rolebindings", known);
            all = known;
        }
        return known;
    }

    private void read(String resource, List<Binding> into) throws PluginException {
        String next = "";
        try {
            do {
                String path = API + resource + "?limit=500" + (next.isEmpty() ? "" : "&continue=" + next);
                try (InputStream in = cluster.open(Lane.BACKUP, path, "application/json")) {
                    JsonNode list = MAPPER.readTree(in);
                    list.path("items").forEach(item -> into.add(binding(item)));
                    String token = list.path("metadata").path("continue").asText();
                    next = URLEncoder.encode(token, StandardCharsets.UTF_8);
                }
            } while (!next.isEmpty());
        } catch (KubeException | IOException e) {
            throw new PluginException(PluginException.Code.REFUSED, "read the " + resource + ": " + e.getMessage(), e);
        }
    }

    private static Binding binding(JsonNode item) {
        List<JsonNode> subjects = new ArrayList<>();
        item.path("subjects").forEach(subjects::add);
        return new Binding(
                item.path("metadata").path("namespace").asText(),
                item.path("metadata").path("name").asText(),
                item.path("roleRef").path("kind").asText().equals("ClusterRole"),
                item.path("roleRef").path("name").asText(),
                subjects);
    }
}
