package dev.holdfast.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The custom resource definitions of the cluster, from one paged list for all who ask, kept compressed. Dropped when
 * the cluster's definitions change; where they cannot be watched, after ten seconds. Lock: the object guards the fields
 * and is held while listing, so that those who ask meanwhile wait for the one list.
 */
final class Definitions {
    static final String PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PAGE = 500;
    private static final Duration UNWATCHED_KEEP = Duration.ofSeconds(10);
    private static final Duration WATCHED_KEEP = Duration.ofMinutes(5);
    private static final Duration FAILURE_KEEP = Duration.ofSeconds(5);

    private final Pages pages;
    private final LongSupplier nanos;
    private @Nullable Map<String, byte[]> compressed;
    private long listedAt;
    private @Nullable KubeException failure;
    private long failedAt;
    private volatile boolean watched;
    private volatile boolean outdated;

    /** Where a list page comes from. */
    interface Pages {
        InputStream open(String pathAndQuery) throws KubeException;
    }

    Definitions(Pages pages, LongSupplier nanos) {
        this.pages = pages;
        this.nanos = nanos;
    }

    /** Whether changes will be told. */
    void watched(boolean now) {
        if (now && !watched) {
            outdated = true; // What changed before is not told.
        }
        watched = now;
    }

    /** They have changed: the next one who asks lists again. */
    void invalidate() {
        outdated = true;
    }

    /** One of them as JSON; empty if there is none of that name. */
    Optional<byte[]> find(String name) throws KubeException {
        byte[] found = all().get(name);
        if (found == null) {
            return Optional.empty();
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(found))) {
            return Optional.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // It was compressed here.
        }
    }

    private synchronized Map<String, byte[]> all() throws KubeException {
        Map<String, byte[]> known = compressed;
        Duration keep = watched ? WATCHED_KEEP : UNWATCHED_KEEP;
        if (known != null && !outdated && nanos.getAsLong() - listedAt < keep.toNanos()) {
            return known;
        }
        long asked = nanos.getAsLong();
        KubeException before = failure;
        if (before != null && asked - failedAt < FAILURE_KEEP.toNanos()) {
            throw before; // Those who waited for the same list need not each ask again.
        }
        outdated = false;
        try {
            Map<String, byte[]> fresh = list();
            compressed = fresh;
            listedAt = asked;
            failure = null;
            return fresh;
        } catch (KubeException e) {
            outdated = true;
            failure = e;
            failedAt = nanos.getAsLong();
            throw e;
        }
    }

    private Map<String, byte[]> list() throws KubeException {
        Map<String, byte[]> found = new HashMap<>();
        String next = "";
        do {
            String address = PATH + "?limit=" + PAGE + (next.isEmpty() ? "" : "&continue=" + encoded(next));
            try (InputStream in = pages.open(address)) {
                next = page(in, found);
            } catch (IOException e) {
                throw KubeException.failed("GET " + address, e);
            }
        } while (!next.isEmpty());
        return Map.copyOf(found);
    }

    /** Reads item after item, so that only one is held in full. */
    private static String page(InputStream in, Map<String, byte[]> into) throws IOException {
        String next = "";
        try (JsonParser parser = JSON.createParser(in)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("items")) {
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        keep(JSON.readTree(parser), into);
                    }
                } else if (field.equals("metadata")) {
                    JsonNode metadata = JSON.readTree(parser);
                    next = metadata.path("continue").asText("");
                } else {
                    parser.skipChildren();
                }
            }
        }
        return next;
    }

    /** Items of a list lack what says what they are. */
    private static void keep(JsonNode item, Map<String, byte[]> into) throws IOException {
        ObjectNode whole = JSON.createObjectNode()
                .put("kind", "CustomResourceDefinition")
                .put("apiVersion", "apiextensions.k8s.io/v1");
        item.properties().forEach(it -> whole.set(it.getKey(), it.getValue()));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            JSON.writeValue(out, whole);
        }
        into.put(item.path("metadata").path("name").asText(), bytes.toByteArray());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
