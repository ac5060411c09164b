package dev.holdfast.kube;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.Closeable;

/**
 * The local gate's connections to the API server. Over TLS HTTP/2, because watches would use up a pool of connections;
 * with a window so large that one slow reader does not stop the others. What leaves HTTP has connections of its own.
 */
final class Upstream implements Closeable {
    private static final int WINDOW_BYTES = 16 << 20;
    private static final int CONNECT_MILLIS = 10_000;
    private static final int IDLE_MILLIS = 70_000;
    private static final int PING_MILLIS = 30_000;
    private static final int PONG_MILLIS = 15_000;
    private static final int PING_BYTES = 8;
    private static final int SWITCHED_MAX = 64;

    private final Vertx vertx;
    private final ClusterAccess access;
    private final HttpClient client;
    private final HttpClient switching;

    Upstream(Vertx vertx, ClusterAccess access) throws KubeException {
        this.vertx = vertx;
        this.access = access;
        HttpClientOptions options = options(access);
        this.client = vertx.httpClientBuilder()
                .with(options)
                .with(options.getPoolOptions()) // Of the options above only these are forgotten.
                .withConnectHandler(this::watchOver)
                .build();
        this.switching = vertx.createHttpClient(new HttpClientOptions(options)
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setUseAlpn(false)
                .setMaxPoolSize(SWITCHED_MAX)
                .setMaxWaitQueueSize(SWITCHED_MAX));
    }

    private static HttpClientOptions options(ClusterAccess access) throws KubeException {
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setMaxPoolSize(512)
                .setMaxWaitQueueSize(1024)
                .setHttp2MaxPoolSize(8)
                .setHttp2ConnectionWindowSize(WINDOW_BYTES)
                .setDecompressionSupported(false);
        if (!"https".equals(access.server().getScheme())) {
            return options;
        }
        Tls.apply(access, options);
        return options.setSsl(true).setVerifyHost(true).setUseAlpn(true).setProtocolVersion(HttpVersion.HTTP_2);
    }

    /** All children share a few connections: one that is dead without having ended would hold them all. */
    private void watchOver(HttpConnection connection) {
        long pinging = vertx.setPeriodic(PING_MILLIS, timer -> {
            try {
                var pong = connection.ping(Buffer.buffer(new byte[PING_BYTES]));
                long late = vertx.setTimer(PONG_MILLIS, _ -> connection.close());
                pong.onComplete(_ -> vertx.cancelTimer(late));
            } catch (UnsupportedOperationException _) {
                vertx.cancelTimer(timer); // HTTP/1.1 has no ping, and only one request at a time.
            }
        });
        connection.closeHandler(_ -> vertx.cancelTimer(pinging));
    }

    /** Opens a request; nothing is sent yet. */
    Future<HttpClientRequest> request(HttpMethod method, String pathAndQuery, RequestKind kind, boolean upgrade) {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setAbsoluteURI(access.server().resolve("/").toString())
                .setURI(access.path(pathAndQuery));
        if (!kind.endless() && !upgrade) {
            options.setIdleTimeout(IDLE_MILLIS);
        }
        return (upgrade ? switching : client).request(options);
    }

    @Override
    public void close() {
        client.close();
        switching.close();
    }
}
