package dev.holdfast.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An API server that counts what it is asked and answers as told. Has discovery of any number of groups, aggregated
 * with ETags or in the form of old servers; everything else is answered with what it was given, or an empty list,
 * unless a script says otherwise.
 */
public final class StubApiServer implements AutoCloseable {
    static {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // Else each answer costs 40 ms.
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NOTHING =
            "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}";
    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    /** One request as it came. */
    public record Seen(String method, String path, String agent, int port, long nanos) {}

    /** Answers instead of the stub; returns whether it did. */
    interface Script {
        boolean answer(HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    private final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger inFlightMax = new AtomicInteger();
    private final Set<String> stale = ConcurrentHashMap.newKeySet();
    private final AtomicInteger bodyBytes = new AtomicInteger();
    private final Map<String, String> bodies = new ConcurrentHashMap<>();
    private final Map<String, String> coreKinds = new ConcurrentSkipListMap<>();
    volatile int groups;
    volatile boolean legacy;
    /** Whether each group has kinds with names of its own. */
    volatile boolean manyNames;

    volatile Duration latency = Duration.ZERO;
    volatile Script script = _ -> false;

    public StubApiServer(int groups) throws IOException {
        this(groups, Duration.ZERO);
    }

    /** One that is so far away. */
    public StubApiServer(int groups, Duration latency) throws IOException {
        this.groups = groups;
        this.latency = latency;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** A kubeconfig that leads here. */
    public Path kubeconfig(Path directory) throws IOException {
        return Files.writeString(directory.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: stub
                contexts: [{name: stub, context: {cluster: stub, user: stub}}]
                clusters: [{name: stub, cluster: {server: "%s"}}]
                users: [{name: stub, user: {token: "secret-of-the-agent"}}]
                """.formatted(address()));
    }

    /** Has one address answered by the test. */
    void on(String pathAndQuery, HttpHandler answer) {
        script = exchange -> {
            boolean asked = exchange.getRequestURI().toString().equals(pathAndQuery);
            if (asked) {
                answer.handle(exchange);
            }
            return asked;
        };
    }

    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    List<Seen> seen(String path) {
        return seen.stream().filter(it -> it.path().equals(path)).toList();
    }

    public long discoveryRequests() {
        return seen.stream().filter(it -> isDiscovery(it.path())).count();
    }

    int connections() {
        return (int) seen.stream().map(Seen::port).distinct().count();
    }

    /** Answers with this JSON at that path. */
    public void have(String path, String json) {
        bodies.put(path, json);
    }

    /** Has a namespaced kind of the core group besides its things, such as {@code pods} of kind {@code Pod}. */
    public void haveKind(String resource, String kind) {
        coreKinds.put(resource, kind);
    }

    /** Answers with so many objects of that size at that path. */
    public void haveMany(String path, int count, int bytes) {
        script = new LargeList(path, count, bytes);
    }

    /** How many are on their way. */
    int inFlight() {
        return inFlight.get();
    }

    int inFlightMax() {
        return inFlightMax.get();
    }

    int bodyBytes() {
        return bodyBytes.get();
    }

    void forget() {
        seen.clear();
        bodyBytes.set(0);
        inFlightMax.set(0);
    }

    void stale(String group, boolean now) {
        if (now) {
            stale.add(group);
        } else {
            stale.remove(group);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static boolean isDiscovery(String path) {
        String[] parts = path.split("/");
        return path.startsWith("/apis") && parts.length <= 4 || path.startsWith("/api") && parts.length <= 3;
    }

    private void handle(HttpExchange exchange) throws IOException {
        inFlightMax.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
        try (exchange) {
            String query = exchange.getRequestURI().getRawQuery();
            String path = exchange.getRequestURI().getPath();
            seen.add(new Seen(
                    exchange.getRequestMethod(),
                    path,
                    String.valueOf(exchange.getRequestHeaders().getFirst("User-Agent")),
                    exchange.getRemoteAddress().getPort(),
                    System.nanoTime()));
            exchange.getRequestBody().readAllBytes();
            if (!latency.isZero()) {
                LockSupport.parkNanos(latency.toNanos());
            }
            if (!script.answer(exchange)) {
                answer(exchange, path, query == null ? "" : query);
            }
        } finally {
            inFlight.decrementAndGet();
        }
    }

    private void answer(HttpExchange exchange, String path, String query) throws IOException {
        String accept = String.valueOf(exchange.getRequestHeaders().getFirst("Accept"));
        if (query.contains("watch=")) {
            exchange.sendResponseHeaders(403, -1);
        } else if (isDiscovery(path)) {
            boolean whole = path.equals("/api") || path.equals("/apis");
            if (whole && !legacy && accept.contains("apidiscovery.k8s.io")) {
                tagged(exchange, aggregated(path.equals("/api")).toString());
            } else {
                ObjectNode document = legacy(path);
                if (document == null) {
                    exchange.sendResponseHeaders(stale.contains(path.split("/")[2]) ? 503 : 404, -1);
                } else {
                    send(exchange, 200, "application/json", document.toString());
                }
            }
        } else {
            send(exchange, 200, "application/json", bodies.getOrDefault(path, NOTHING));
        }
    }

    private void tagged(HttpExchange exchange, String body) throws IOException {
        String etag = "\"" + sha(body) + "\"";
        exchange.getResponseHeaders().set("ETag", etag);
        if (etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
        } else {
            send(exchange, 200, AGGREGATED, body);
        }
    }

    void send(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
        bodyBytes.addAndGet(bytes.length);
    }

    /** Every fourth group has two versions. */
    static List<String> versions(int group) {
        return group % 4 == 0 ? List.of("v1", "v1beta1") : List.of("v1");
    }

    private ObjectNode aggregated(boolean core) {
        ObjectNode list = JSON.createObjectNode()
                .put("kind", "APIGroupDiscoveryList")
                .put("apiVersion", "apidiscovery.k8s.io/v2");
        list.putObject("metadata");
        ArrayNode items = list.putArray("items");
        if (core) {
            ObjectNode item = items.addObject();
            item.putObject("metadata");
            version(item.putArray("versions").addObject(), "", "v1", 5);
            return list;
        }
        for (int i = 0; i < groups; i++) {
            String group = "g" + i + ".example.com";
            ObjectNode item = items.addObject();
            item.putObject("metadata").put("name", group);
            ArrayNode versions = item.putArray("versions");
            versions(i).forEach(it -> version(versions.addObject(), group, it, 4));
        }
        return list;
    }

    private void version(ObjectNode version, String group, String name, int kinds) {
        version.put("version", name).put("freshness", stale.contains(group) ? "Stale" : "Current");
        ArrayNode resources = version.putArray("resources");
        for (int i = 0; i < kinds && !stale.contains(group); i++) {
            String which = manyNames ? "Of" + group.replace(".", "") + i : "" + i;
            String plural = ("Things" + which).toLowerCase(Locale.ROOT);
            resource(resources.addObject(), group, name, "Thing" + which)
                    .put("resource", plural)
                    .put("scope", i == 0 ? "Cluster" : "Namespaced");
        }
        if (group.isEmpty()) {
            coreKinds.forEach((plural, kind) -> resource(resources.addObject(), group, name, kind)
                    .put("resource", plural)
                    .put("scope", "Namespaced"));
        }
    }

    private static ObjectNode resource(ObjectNode resource, String group, String version, String kind) {
        resource.put("singularResource", kind.toLowerCase(Locale.ROOT));
        resource.putObject("responseKind")
                .put("group", group)
                .put("version", version)
                .put("kind", kind);
        verbs(resource);
        ObjectNode status = resource.putArray("subresources").addObject().put("subresource", "status");
        status.putObject("responseKind")
                .put("group", group)
                .put("version", version)
                .put("kind", kind);
        verbs(status);
        return resource;
    }

    private static void verbs(ObjectNode node) {
        ArrayNode verbs = node.putArray("verbs");
        List.of("create", "delete", "get", "list", "patch", "update", "watch").forEach(verbs::add);
    }

    private @Nullable ObjectNode legacy(String path) {
        String[] parts = path.split("/");
        ObjectNode root = JSON.createObjectNode();
        if (path.equals("/api")) {
            root.put("kind", "APIVersions").putArray("versions").add("v1");
            return root;
        }
        if (path.equals("/apis")) {
            ArrayNode list = root.put("kind", "APIGroupList").putArray("groups");
            for (int i = 0; i < groups; i++) {
                String group = "g" + i + ".example.com";
                ObjectNode item = list.addObject().put("name", group);
                ArrayNode versions = item.putArray("versions");
                versions(i).forEach(it -> versions.addObject()
                        .put("groupVersion", group + "/" + it)
                        .put("version", it));
            }
            return root;
        }
        String group = parts[1].equals("api") ? "" : parts[2];
        if (stale.contains(group) || parts.length < 4 && !group.isEmpty()) {
            return null;
        }
        ObjectNode version = JSON.createObjectNode();
        version(version, group, parts[parts.length - 1], group.isEmpty() ? 5 : 4);
        ArrayNode resources = root.put("kind", "APIResourceList").putArray("resources");
        version.path("resources").forEach(it -> {
            ObjectNode one = resources
                    .addObject()
                    .put("name", it.path("resource").asText())
                    .put("singularName", it.path("singularResource").asText())
                    .put("namespaced", it.path("scope").asText().equals("Namespaced"))
                    .put("kind", it.path("responseKind").path("kind").asText());
            one.set("verbs", it.path("verbs"));
            ObjectNode status = resources
                    .addObject()
                    .put("name", it.path("resource").asText() + "/status")
                    .put("singularName", "")
                    .put("namespaced", true)
                    .put("kind", it.path("responseKind").path("kind").asText());
            status.set("verbs", it.path("verbs"));
        });
        return root;
    }

    /** Times between consecutive requests to a path. */
    List<Duration> gaps(String path) {
        List<Duration> gaps = new ArrayList<>();
        List<Seen> all = seen(path);
        for (int i = 1; i < all.size(); i++) {
            gaps.add(Duration.ofNanos(all.get(i).nanos() - all.get(i - 1).nanos()));
        }
        return gaps;
    }

    private static String sha(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-512").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
