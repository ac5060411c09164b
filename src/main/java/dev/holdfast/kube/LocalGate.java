package dev.holdfast.kube;

import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.NetSocket;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The API server as children that are not ours see it: on loopback, behind a secret in the path, one for each child.
 * Every request takes its turn in the one budget under the child's name; what the node knows already is answered from
 * there; everything else passes as it is, with the agent's credentials. Bodies stream both ways, no faster than the
 * slower side.
 *
 * <p>Not {@code vertx-http-proxy}: it answers 502 to the API server's OpenAPI documents, whose Expires it cannot read.
 */
final class LocalGate implements Closeable {
    private static final Logger LOG = Logger.getLogger(LocalGate.class);
    private static final String LOOPBACK = "127.0.0.1";
    private static final int SECRET_BYTES = 16;
    private static final int HEADER_BYTES_MAX = 64 << 10;
    private static final int OPEN_SECONDS = 10;

    /** They are about one connection, and ours are others. */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "http2-settings");

    private final ClusterAccess access;
    private final Path directory;
    private final Function<String, RequestGate> gates;
    private final Supplier<BudgetSettings.Effective> budget;
    private final KnownAnswers known;
    private final Upstream upstream;
    private final HttpServer server;
    private final Vertx vertx;
    private final Map<String, Way> ways = new ConcurrentHashMap<>();

    private record Way(String child, RequestGate gate) {}

    /** @param directory where kubeconfigs go; only the agent's user can read it */
    LocalGate(
            Vertx vertx,
            ClusterAccess access,
            Path directory,
            Function<String, RequestGate> gates,
            Supplier<BudgetSettings.Effective> budget,
            KnownAnswers known)
            throws IOException, KubeException {
        this.vertx = vertx;
        this.access = access;
        this.directory = directory;
        this.gates = gates;
        this.budget = budget;
        this.known = known;
        this.upstream = new Upstream(vertx, access);
        this.server = vertx.createHttpServer(new HttpServerOptions()
                .setHost(LOOPBACK)
                .setPort(0)
                .setHttp2ClearTextEnabled(false)
                .setMaxHeaderSize(HEADER_BYTES_MAX)
                .setMaxInitialLineLength(HEADER_BYTES_MAX)); // The command of an exec is in it.
        server.requestHandler(this::handle);
        try {
            server.listen()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(OPEN_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            throw new IOException("listen on " + LOOPBACK + ": " + e.getCause(), e);
        }
    }

    /** A way for one child. */
    Door open(String child) throws IOException {
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        String secret = HexFormat.of().formatHex(random);
        URI address = URI.create("http://" + LOOPBACK + ":" + server.actualPort() + "/" + secret);
        Path kubeconfig = directory.resolve(
                child.replaceAll("[^A-Za-z0-9.-]", "_") + "-" + secret.substring(0, 8) + ".kubeconfig");
        Files.createFile(
                kubeconfig, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(kubeconfig, kubeconfig(address));
        ways.put(secret, new Way(child, gates.apply(child)));
        return new Door(address, kubeconfig, budget.get(), () -> ways.remove(secret));
    }

    private static String kubeconfig(URI address) {
        return """
                apiVersion: v1
                kind: Config
                current-context: holdfast
                contexts: [{name: holdfast, context: {cluster: holdfast, user: holdfast}}]
                clusters: [{name: holdfast, cluster: {server: "%s"}}]
                users: [{name: holdfast, user: {}}]
                """.formatted(address);
    }

    private void handle(HttpServerRequest request) {
        request.pause();
        String uri = request.uri();
        int end = uri.indexOf('/', 1);
        Way way = end < 0 ? null : ways.get(uri.substring(1, end));
        if (way == null) {
            request.resume(); // Else the connection would stand still.
            Replies.refuse(request.response(), 403, "Forbidden", "this address is for children of the agent alone");
            return;
        }
        String target = uri.substring(end);
        RequestKind kind = RequestKind.of(request.method().name(), target);
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        String mine = accept == null ? "*/*" : accept;
        if (request.method().name().equals("GET") && known.covers(kind, mine)) {
            Context context = vertx.getOrCreateContext();
            Thread.ofVirtual().name("local gate").start(() -> {
                if (!known.answer(request, way.child(), kind, target, mine)) {
                    context.runOnContext(_ -> forward(request, way, kind, target));
                }
            });
        } else {
            forward(request, way, kind, target);
        }
    }

    private void forward(HttpServerRequest request, Way way, RequestKind kind, String target) {
        Context context = vertx.getOrCreateContext();
        CompletableFuture<InFlight.Slot> entered = way.gate().enter(Lane.BACKUP);
        request.response().closeHandler(_ -> entered.cancel(false)); // A child that has left takes no token.
        entered.whenComplete((slot, e) -> context.runOnContext(_ -> {
            if (request.response().closed()) {
                if (slot != null) {
                    slot.close();
                }
            } else if (e != null) {
                request.resume();
                Replies.throttle(
                        request.response(), String.valueOf(RequestGate.cause(e).getMessage()));
            } else {
                new Forwarding(request, way, kind, slot).send(target);
            }
        }));
    }

    /** Waits until nobody can connect any more. */
    @Override
    public void close() {
        ways.clear();
        try {
            server.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(OPEN_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            LOG.debugf("close the local gate: %s", e.getMessage());
        }
        upstream.close();
    }

    /** One request on its way to the server and back. */
    private final class Forwarding {
        private final HttpServerRequest request;
        private final HttpServerResponse response;
        private final Way way;
        private final RequestKind kind;
        private final InFlight.Slot slot;
        private final boolean upgrade;
        private final long from = System.nanoTime();
        private boolean over;

        Forwarding(HttpServerRequest request, Way way, RequestKind kind, InFlight.Slot slot) {
            this.request = request;
            this.response = request.response();
            this.way = way;
            this.kind = kind;
            this.slot = slot;
            this.upgrade = upgrade(request);
        }

        void send(String target) {
            if (upgrade && !request.method().equals(HttpMethod.GET)) {
                slot.close();
                request.resume();
                Replies.refuse(
                        response,
                        501,
                        "NotImplemented",
                        "exec, attach and port-forward over SPDY do not pass here; over WebSocket they do");
                return;
            }
            upstream.request(request.method(), target, kind, upgrade)
                    .onSuccess(this::send)
                    .onFailure(this::failed);
        }

        private void send(HttpClientRequest out) {
            if (response.closed()) { // While the connection was being made.
                slot.close();
                out.reset();
                return;
            }
            copy(request.headers(), out.headers(), upgrade);
            String bearer = access.bearer();
            out.headers().remove(HttpHeaders.AUTHORIZATION);
            if (bearer != null) {
                out.putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + bearer);
            }
            response.closeHandler(_ -> {
                slot.close();
                if (!over) { // Else the connection may be another request's already.
                    out.reset();
                }
            });
            out.exceptionHandler(e -> LOG.debugf("%s of %s: %s", kind.path(), way.child(), e.getMessage()));
            if (upgrade) {
                out.connect().onSuccess(this::switched).onFailure(this::failed);
                return;
            }
            boolean body = request.headers().contains(HttpHeaders.CONTENT_LENGTH)
                    || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
            (body ? out.send(request) : out.send()).onSuccess(this::answered).onFailure(this::failed);
            if (!body) {
                request.resume();
            }
        }

        private void answered(HttpClientResponse back) {
            seen(back.statusCode());
            if (back.statusCode() == 429) {
                way.gate().noteRefusal(back::getHeader);
            }
            if (!request.method().equals(HttpMethod.GET)) {
                known.written(kind);
            }
            if (kind.endless()) {
                slot.close();
            }
            if (response.closed()) {
                slot.close();
                back.request().reset();
                return;
            }
            response.setStatusCode(back.statusCode());
            copy(back.headers(), response.headers(), false);
            boolean sized = back.headers().contains(HttpHeaders.CONTENT_LENGTH);
            if (request.method().name().equals("HEAD") || back.statusCode() == 304 || back.statusCode() == 204) {
                slot.close();
                over = true;
                response.end();
                return;
            }
            response.setChunked(!sized);
            back.pipe().endOnFailure(false).to(response).onComplete(done -> {
                slot.close();
                over = done.succeeded();
                if (done.failed()) {
                    response.reset(); // So that the child sees that the answer is not whole.
                    back.request().reset(); // Nobody reads on; the server is to know.
                }
            });
        }

        /** Exec, attach and port-forward: from here on bytes, not requests. */
        private void switched(HttpClientResponse back) {
            slot.close();
            if (back.statusCode() != 101) {
                answered(back);
                return;
            }
            seen(101);
            copy(back.headers(), response.headers(), true);
            NetSocket far = back.netSocket();
            request.toNetSocket()
                    .onSuccess(near -> {
                        near.closeHandler(_ -> far.close());
                        far.closeHandler(_ -> near.close());
                        near.pipeTo(far);
                        far.pipeTo(near);
                    })
                    .onFailure(e -> {
                        far.close();
                        response.reset();
                        LOG.warnf("%s of %s cannot be switched: %s", kind.path(), way.child(), e.getMessage());
                    });
        }

        private void failed(Throwable cause) {
            slot.close();
            seen(0);
            if (!response.closed() && !response.ended()) {
                if (response.headWritten()) {
                    response.reset();
                } else {
                    request.resume();
                    LOG.debugf("%s %s of %s: %s", request.method(), kind.path(), way.child(), cause);
                    Replies.refuse(response, 503, "ServiceUnavailable", "the API server cannot be reached: " + cause);
                }
            }
        }

        private void seen(int status) {
            way.gate()
                    .observer()
                    .answered(way.child(), kind.verb(), status, Duration.ofNanos(System.nanoTime() - from));
        }
    }

    /** Whether the child wants to leave HTTP; not for HTTP/2, which is refused by not being answered. */
    private static boolean upgrade(HttpServerRequest request) {
        String connection = request.getHeader(HttpHeaders.CONNECTION);
        String to = request.getHeader(HttpHeaders.UPGRADE);
        return connection != null
                && connection.toLowerCase(Locale.ROOT).contains("upgrade")
                && to != null
                && !to.equalsIgnoreCase("h2c");
    }

    private static void copy(MultiMap from, MultiMap to, boolean upgrade) {
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            boolean switching = upgrade && (name.equals("connection") || name.equals("upgrade"));
            if (switching || !HOP_BY_HOP.contains(name) && !name.startsWith(":")) {
                to.add(header.getKey(), header.getValue());
            }
        }
    }
}
