package dev.holdfast.kube;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import io.fabric8.kubernetes.client.http.WebSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * fabric8's HTTP client behind the gate. An interceptor could not do this: it is called on event loops and may not wait
 * there. fabric8's own retry must be off, because it repeats a POST and does not honour Retry-After.
 */
final class GatedHttpClient implements HttpClient {
    private final HttpClient limited;
    private final HttpClient open;
    private final RequestGate gate;
    private final Lane lane;

    /**
     * Behind a gate.
     *
     * @param limited for requests that end
     * @param open for watches and leases, which do not wait for connections of others
     */
    GatedHttpClient(HttpClient limited, HttpClient open, RequestGate gate, Lane lane) {
        this.limited = limited;
        this.open = open;
        this.gate = gate;
        this.lane = lane;
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, Class<T> type) {
        RequestKind kind = kind(request);
        HttpClient client = client(kind);
        return gate.pass(lane, new Sent<>(kind, request, () -> client.sendAsync(request, type), HttpResponse::code) {
            @Override
            public void drop(HttpResponse<T> answer) {
                // Read in full already.
            }

            @Override
            public CompletableFuture<?> end(HttpResponse<T> answer) {
                return CompletableFuture.completedFuture(null);
            }
        });
    }

    @Override
    public CompletableFuture<HttpResponse<AsyncBody>> consumeBytes(
            HttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        RequestKind kind = kind(request);
        HttpClient client = client(kind);
        Reader reader = new Reader(consumer);
        Supplier<CompletableFuture<HttpResponse<AsyncBody>>> send = () -> client.consumeBytes(request, reader);
        return gate.pass(lane, new Sent<>(kind, request, send, HttpResponse::code) {
            @Override
            public void drop(HttpResponse<AsyncBody> answer) {
                reader.drop(answer.body());
            }

            @Override
            public CompletableFuture<?> end(HttpResponse<AsyncBody> answer) {
                return kind.endless()
                        ? CompletableFuture.completedFuture(null)
                        : answer.body().done();
            }
        });
    }

    /** Hands on the body of the answer that counts, and only that. */
    private static final class Reader implements AsyncBody.Consumer<List<ByteBuffer>> {
        private final AsyncBody.Consumer<List<ByteBuffer>> reader;
        private final Map<AsyncBody, Leftover> dropped = new ConcurrentHashMap<>();

        Reader(AsyncBody.Consumer<List<ByteBuffer>> reader) {
            this.reader = reader;
        }

        void drop(AsyncBody body) {
            Leftover leftover = new Leftover();
            dropped.put(body, leftover);
            leftover.take(List.of(), body);
        }

        @Override
        public void consume(List<ByteBuffer> parts, AsyncBody body) throws Exception {
            Leftover leftover = dropped.get(body);
            if (leftover == null) {
                reader.consume(parts, body);
            } else {
                leftover.take(parts, body);
            }
        }
    }

    private HttpClient client(RequestKind kind) {
        return lane == Lane.LEASE || kind.endless() ? open : limited;
    }

    @Override
    public WebSocket.Builder newWebSocketBuilder() {
        return new GatedWebSocketBuilder(open.newWebSocketBuilder());
    }

    @Override
    public DerivedClientBuilder newBuilder() {
        return new Derived(limited.newBuilder(), open.newBuilder());
    }

    @Override
    public HttpRequest.Builder newHttpRequestBuilder() {
        return limited.newHttpRequestBuilder();
    }

    @Override
    public void close() {
        limited.close();
        open.close();
    }

    @Override
    public boolean isClosed() {
        return limited.isClosed();
    }

    private static RequestKind kind(HttpRequest request) {
        return RequestKind.of(request.method(), pathAndQuery(request.uri()));
    }

    private static String pathAndQuery(URI uri) {
        return uri.getRawQuery() == null ? uri.getRawPath() : uri.getRawPath() + "?" + uri.getRawQuery();
    }

    /** A request of fabric8 as the gate sees it. */
    private abstract static class Sent<T extends HttpResponse<?>> implements RequestGate.Exchange<T> {
        final RequestKind kind;
        private final Retry retry;
        private final Supplier<CompletableFuture<T>> send;
        private final ToIntFunction<T> status;

        Sent(RequestKind kind, HttpRequest request, Supplier<CompletableFuture<T>> send, ToIntFunction<T> status) {
            this.kind = kind;
            this.retry = retry(request);
            this.send = send;
            this.status = status;
        }

        private static Retry retry(HttpRequest request) {
            String text = request.bodyString();
            boolean empty = request instanceof StandardHttpRequest standard && standard.body() == null;
            boolean names = text != null && text.contains("\"resourceVersion\"");
            boolean applied = request.header("Content-Type") != null
                    && request.header("Content-Type").startsWith("application/apply-patch");
            return Retry.of(request.method(), empty || text != null, names || applied);
        }

        @Override
        public String verb() {
            return kind.verb();
        }

        @Override
        public Retry retry() {
            return retry;
        }

        @Override
        public CompletableFuture<T> send() {
            return send.get();
        }

        @Override
        public int status(T answer) {
            return status.applyAsInt(answer);
        }

        @Override
        public @Nullable String header(T answer, String name) {
            return answer.header(name);
        }
    }

    /** A client derived from this one passes the same gate. */
    private final class Derived implements DerivedClientBuilder {
        private final DerivedClientBuilder ending;
        private final DerivedClientBuilder endless;

        Derived(DerivedClientBuilder ending, DerivedClientBuilder endless) {
            this.ending = ending;
            this.endless = endless;
        }

        private DerivedClientBuilder both(Consumer<DerivedClientBuilder> change) {
            change.accept(ending);
            change.accept(endless);
            return this;
        }

        @Override
        public HttpClient build() {
            return new GatedHttpClient(ending.build(), endless.build(), gate, lane);
        }

        @Override
        public DerivedClientBuilder addOrReplaceInterceptor(String name, @Nullable Interceptor interceptor) {
            return both(it -> it.addOrReplaceInterceptor(name, interceptor));
        }

        @Override
        public DerivedClientBuilder authenticatorNone() {
            return both(it -> it.authenticatorNone());
        }

        @Override
        public DerivedClientBuilder tag(Object value) {
            return both(it -> it.tag(value));
        }
    }

    /** Counted at its start only: what flows afterwards is no request. */
    private final class GatedWebSocketBuilder implements WebSocket.Builder {
        private final WebSocket.Builder builder;

        GatedWebSocketBuilder(WebSocket.Builder builder) {
            this.builder = builder;
        }

        @Override
        public CompletableFuture<WebSocket> buildAsync(WebSocket.Listener listener) {
            return gate.enter(lane)
                    .thenCompose(slot -> builder.buildAsync(listener).whenComplete((_, _) -> slot.close()));
        }

        @Override
        public WebSocket.Builder subprotocol(String protocol) {
            builder.subprotocol(protocol);
            return this;
        }

        @Override
        public WebSocket.Builder header(String name, String value) {
            builder.header(name, value);
            return this;
        }

        @Override
        public WebSocket.Builder setHeader(String name, String value) {
            builder.setHeader(name, value);
            return this;
        }

        @Override
        public WebSocket.Builder uri(URI uri) {
            builder.uri(uri);
            return this;
        }

        @Override
        public WebSocket.Builder connectTimeout(long timeout, TimeUnit unit) {
            builder.connectTimeout(timeout, unit);
            return this;
        }
    }
}
