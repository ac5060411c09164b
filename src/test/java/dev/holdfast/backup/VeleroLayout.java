package dev.holdfast.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * Reads an archive by the rules that Velero reads it with, with nothing of ours: its own few lines of tar, the version,
 * and for each object the two places and what must be equal in them.
 */
public final class VeleroLayout {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private VeleroLayout() {}

    /** All objects by path, each of them twice. */
    public static Map<String, JsonNode> read(Path archive) throws Exception {
        Map<String, byte[]> files = files(archive);
        assertThat(new String(files.remove("metadata/version"), StandardCharsets.UTF_8))
                .isEqualTo("1.1.0");
        Map<String, JsonNode> objects = new TreeMap<>();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            String path = file.getKey();
            assertThat(path)
                    .matches("resources/[^/]+/([^/]+-preferredversion/)?(cluster|namespaces/[^/]+)/[^/]+\\.json");
            JsonNode object = JSON.readTree(file.getValue());
            String[] parts = path.split("/");
            assertThat(parts[parts.length - 1])
                    .isEqualTo(object.path("metadata").path("name").asText() + ".json");
            boolean clusterScoped = parts[parts.length - 2].equals("cluster")
                    && (parts.length == 4 || !parts[parts.length - 3].equals("namespaces"));
            assertThat(object.path("metadata").path("namespace").asText())
                    .isEqualTo(clusterScoped ? "" : parts[parts.length - 2]);
            String version = object.path("apiVersion").asText();
            String short_ = version.substring(version.indexOf('/') + 1);
            String other = path.contains("-preferredversion/")
                    ? path.replaceFirst("[^/]+-preferredversion/", "")
                    : path.replaceFirst("(resources/[^/]+/)", "$1" + short_ + "-preferredversion/");
            assertThat(files.get(other)).as(other).isEqualTo(file.getValue());
            objects.put(path, object);
        }
        return objects;
    }

    private static Map<String, byte[]> files(Path archive) throws Exception {
        Map<String, byte[]> files = new TreeMap<>();
        try (InputStream in = new GZIPInputStream(Files.newInputStream(archive))) {
            Optional<String> longName = Optional.empty();
            while (true) {
                byte[] header = in.readNBytes(512);
                if (header.length < 512 || header[0] == 0) {
                    return files;
                }
                int size = (int) Long.parseLong(text(header, 124, 12).strip(), 8);
                byte[] content = in.readNBytes(size);
                in.skipNBytes((512 - size % 512) % 512);
                char type = (char) header[156];
                if (type == 'x') {
                    longName = paxPath(new String(content, StandardCharsets.UTF_8));
                    continue;
                }
                String prefix = text(header, 345, 155);
                String name = longName.orElse((prefix.isEmpty() ? "" : prefix + "/") + text(header, 0, 100));
                longName = Optional.empty();
                assertThat(type).as(name).isEqualTo('0');
                files.put(name, content);
            }
        }
    }

    private static Optional<String> paxPath(String records) {
        for (String line : records.split("\n")) {
            int at = line.indexOf(" path=");
            if (at > 0) {
                return Optional.of(line.substring(at + 6));
            }
        }
        return Optional.empty();
    }

    private static String text(byte[] header, int offset, int length) {
        int end = offset;
        while (end < offset + length && header[end] != 0) {
            end++;
        }
        return new String(header, offset, end - offset, StandardCharsets.UTF_8);
    }
}
