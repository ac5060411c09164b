package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.holdfast.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the manifests promise without a cluster; {@code src/test/node} tries them on a real one. */
final class ManifestsTest {
    private static final Path ROOT = Path.of("kubernetes");
    private static final Path OBJECTS = ROOT.resolve("components/objects");
    private static final Pattern DOCUMENTED = Pattern.compile("\\| `(holdfast\\.[a-z.-]+)` \\| (?:`([^`]*)` )?\\|.*");
    private static final Pattern LISTED = Pattern.compile("#(holdfast\\.[a-z.-]+)=(.*)");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @Test
    void the_config_map_lists_every_setting_with_its_default() throws IOException {
        Map<String, String> documented = matches(DOCUMENTED, Files.readString(Path.of("docs/settings.md")));
        Map<String, String> listed = matches(LISTED, properties());

        assertThat(listed).isEqualTo(documented);
        assertThat(listed.keySet()).containsExactlyInAnyOrderElementsOf(Settings.NAMES);
    }

    @Test
    void the_config_map_explains_every_setting() throws IOException {
        List<String> lines = properties().lines().toList();

        for (int i = 1; i < lines.size(); i++) {
            if (LISTED.matcher(lines.get(i)).matches()) {
                assertThat(lines.get(i - 1)).as("line above %s", lines.get(i)).startsWith("# ");
            }
        }
    }

    @Test
    void the_kubelet_waits_longer_than_the_grace_window() throws IOException {
        JsonNode pod = yaml("base/daemonset.yaml").at("/spec/template/spec");
        String grace = matches(LISTED, properties()).get("holdfast.shutdown.grace");

        assertThat(Duration.ofSeconds(pod.path("terminationGracePeriodSeconds").asLong()))
                .isGreaterThan(Duration.parse("PT" + grace).plusSeconds(10));
    }

    @Test
    void no_node_ever_has_two_agents() throws IOException {
        assertThat(yaml("base/daemonset.yaml")
                        .at("/spec/updateStrategy/rollingUpdate/maxSurge")
                        .asInt(-1))
                .isZero();
    }

    @Test
    void ports_agree_wherever_they_are_written() throws IOException {
        for (String file : List.of(
                "base/daemonset.yaml", "overlays/survive/daemonset.yaml", "components/objects/deployment.yaml")) {
            JsonNode agent = yaml(file).at("/spec/template/spec/containers/0");
            String management = environment(agent).get("QUARKUS_MANAGEMENT_PORT");
            String rest = environment(agent).get("QUARKUS_HTTP_PORT");

            assertThat(agent.path("ports").findValuesAsText("containerPort"))
                    .as(file)
                    .containsExactly(management);
            assertThat(environment(agent).get("HOLDFAST_AGENT")).as(file).isEqualTo("http://127.0.0.1:" + rest);
        }
    }

    /** A Service without an address of its own translates no port. */
    @Test
    void the_service_names_the_port_that_the_pods_listen_on() throws IOException {
        for (String folder : List.of("base", "overlays/survive")) {
            JsonNode agent = yaml(folder + "/daemonset.yaml").at("/spec/template/spec/containers/0");
            assertThat(yaml(folder + "/service.yaml").at("/spec/ports").findValuesAsText("port"))
                    .as(folder)
                    .containsExactly(environment(agent).get("QUARKUS_MANAGEMENT_PORT"));
        }
    }

    @Test
    void agents_of_nodes_may_ask_the_api_server_for_nothing() throws IOException {
        assertThat(yaml("base/serviceaccount.yaml")
                        .path("automountServiceAccountToken")
                        .asBoolean(true))
                .isFalse();
        assertThat(yaml("base/daemonset.yaml")
                        .at("/spec/template/spec/automountServiceAccountToken")
                        .asBoolean(true))
                .isFalse();
        for (Path file : files()) {
            if (file.startsWith(OBJECTS)) {
                continue;
            }
            assertThat(Files.readString(file)).as(file.toString()).doesNotContainPattern("kind: (Cluster)?Role");
        }
    }

    /** A backup of objects reads, and what it starts reads: nothing in the cluster may be changed with its token. */
    @Test
    void agent_for_objects_may_read_and_nothing_else() throws IOException {
        List<String> verbs = new ArrayList<>();
        List<String> everything = new ArrayList<>();
        for (JsonNode document : documents(OBJECTS.resolve("role.yaml"))) {
            for (JsonNode rule : document.path("rules")) {
                boolean all = rule.path("resources").toString().contains("*");
                for (JsonNode verb : rule.path("verbs")) {
                    verbs.add(verb.asText());
                    if (all) {
                        everything.add(verb.asText());
                    }
                }
            }
        }
        JsonNode pod = yaml("components/objects/deployment.yaml").at("/spec/template/spec");

        assertThat(verbs).containsOnly("get", "list", "watch");
        assertThat(everything)
                .as("what may be done with all resources, those that run commands included")
                .containsOnly("list");
        assertThat(pod.path("serviceAccountName").asText()).isEqualTo("holdfast-objects");
        assertThat(pod.path("automountServiceAccountToken").asBoolean()).isTrue();
        assertThat(pod.at("/containers/0/securityContext/capabilities").toString())
                .isEqualTo("{\"drop\":[\"ALL\"]}");
    }

    /** The base puts its own things into the namespace; what comes on top must say so itself. */
    @Test
    void everything_is_in_the_namespace() throws IOException {
        Set<String> ofTheCluster =
                Set.of("Kustomization", "Component", "ClusterRole", "ClusterRoleBinding", "Namespace", "PriorityClass");
        for (Path file : files()) {
            if (file.startsWith(ROOT.resolve("base"))
                    || file.endsWith("daemonset.yaml")
                    || file.endsWith("service.yaml")) {
                continue; // The latter are patches.
            }
            for (JsonNode document : documents(file)) {
                if (!ofTheCluster.contains(document.path("kind").asText())) {
                    assertThat(document.at("/metadata/namespace").asText())
                            .as(file.toString())
                            .isEqualTo("holdfast");
                }
            }
        }
    }

    private static List<JsonNode> documents(Path file) throws IOException {
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(file.toFile())) {
            return documents.readAll();
        }
    }

    private static String properties() throws IOException {
        return yaml("base/configmap.yaml").at("/data/holdfast.properties").asText();
    }

    private static Map<String, String> environment(JsonNode container) {
        Map<String, String> environment = new TreeMap<>();
        container
                .path("env")
                .forEach(it -> environment.put(
                        it.path("name").asText(), it.path("value").asText()));
        return environment;
    }

    private static Map<String, String> matches(Pattern pattern, String text) {
        Map<String, String> found = new TreeMap<>();
        text.lines().map(pattern::matcher).filter(Matcher::matches).forEach(line -> {
            String value = line.group(2);
            found.put(line.group(1), value == null ? "" : value);
        });
        return found;
    }

    private static JsonNode yaml(String file) throws IOException {
        return YAML.readTree(Files.readString(ROOT.resolve(file)));
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> walk = Files.walk(ROOT)) {
            return walk.filter(file -> file.toString().endsWith(".yaml")).toList();
        }
    }
}
