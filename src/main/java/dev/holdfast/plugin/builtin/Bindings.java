package dev.holdfast.plugin.builtin;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is bound to which role in the whole cluster: read when first asked for, in two lists, and kept for the life of
 * the process, which is one backup. What cannot be read is told once and not asked for again. Lock: the object itself
 * guards what is read.
 */
final class Bindings {
    private static final String API = "/apis/rbac.authorization.k8s.io/v1/";
    private static final String ACCOUNT = "system:serviceaccount:";
    private static final String GROUP = "system:serviceaccounts:";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Cluster cluster;
    private @Nullable List<Binding> all;

    /**
     * One binding.
     *
     * @param namespace empty for a cluster role binding
     * @param clusterRole whether the role is one of the cluster
     * @param subjects those that can be service accounts, each as {@code system:serviceaccount[s]:…}
     */
    record Binding(String namespace, String name, boolean clusterRole, String role, Set<String> subjects) {}

    Bindings(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Those that name this service account, by itself or as one of a group. */
    List<Binding> naming(String namespace, String name) throws PluginException {
        String account = account(namespace, name);
        String group = GROUP + namespace;
        return all().stream()
                .filter(binding -> binding.subjects().contains(account)
                        || binding.subjects().contains(group))
                .toList();
    }

    private synchronized List<Binding> all() throws PluginException {
        List<Binding> known = all;
        if (known == null) {
            List<Binding> read = new ArrayList<>();
            all = List.of(); // Until all of it is read: the next account would fare no better.
            read("clusterrolebindings", read);
            read("rolebindings", read);
            all = read;
            known = read;
        }
        return known;
    }

    private void read(String resource, List<Binding> into) throws PluginException {
        String next = "";
        try {
            do {
                String path = API + resource + "?limit=500"
                        + (next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8));
                try (InputStream in = cluster.open(Lane.BACKUP, path, Cluster.JSON)) {
                    next = page(in, into);
                }
            } while (!next.isEmpty());
        } catch (KubeException | IOException e) {
            throw new PluginException(
                    PluginException.Code.REFUSED,
                    "read the " + resource + ", without which no service account gets its roles: " + e.getMessage(),
                    e);
        }
    }

    /** Reads item after item, so that only one is held in full. */
    private static String page(InputStream in, List<Binding> into) throws IOException {
        String next = "";
        try (JsonParser parser = MAPPER.createParser(in)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "items" -> items(parser, into);
                    case "metadata" -> {
                        JsonNode metadata = MAPPER.readTree(parser);
                        next = metadata.path("continue").asText("");
                    }
                    default -> parser.skipChildren();
                }
            }
        }
        return next;
    }

    private static void items(JsonParser parser, List<Binding> into) throws IOException {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            JsonNode item = MAPPER.readTree(parser);
            Binding binding = binding(item);
            if (!binding.subjects().isEmpty()) {
                into.add(binding);
            }
        }
    }

    private static Binding binding(JsonNode item) {
        String namespace = item.path("metadata").path("namespace").asText();
        Set<String> subjects = new HashSet<>();
        for (JsonNode subject : item.path("subjects")) {
            String name = subject.path("name").asText();
            switch (subject.path("kind").asText()) {
                case "ServiceAccount" ->
                    subjects.add(account(subject.path("namespace").asText(namespace), name));
                case "User" -> addOf(subjects, ACCOUNT, name);
                case "Group" -> addOf(subjects, GROUP, name);
                default -> {}
            }
        }
        return new Binding(
                namespace,
                item.path("metadata").path("name").asText(),
                item.path("roleRef").path("kind").asText().equals("ClusterRole"),
                item.path("roleRef").path("name").asText(),
                Set.copyOf(subjects));
    }

    private static void addOf(Set<String> subjects, String prefix, String name) {
        if (name.startsWith(prefix)) {
            subjects.add(name);
        }
    }

    private static String account(String namespace, String name) {
        return ACCOUNT + namespace + ":" + name;
    }
}
