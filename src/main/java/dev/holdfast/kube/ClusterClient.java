package dev.holdfast.kube;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.TokenRefreshInterceptor;
import io.vertx.core.Vertx;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;

/**
 * The one place where a client is built: behind the gate, without fabric8's own retry. Clients are made when they are
 * first needed, one for each lane.
 */
final class ClusterClient implements Closeable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BODY_BYTES_MAX = 16 << 20;
    private static final int MESSAGE_BYTES_MAX = 64 << 10;
    private static final int HEAD_SECONDS_MAX = 30;
    private static final Duration SILENCE_MAX = Duration.ofSeconds(60);
    /** Longer than the server keeps a watch of ours open. */
    private static final Duration WATCH_SILENCE_MAX = Duration.ofSeconds(400);

    private final ClusterAccess access;
    private final KubernetesSerialization serialization;
    private final Transport limited;
    private final Transport open;
    private final RequestGate gate;
    private final Map<Lane, KubernetesClient> clients = new EnumMap<>(Lane.class);

    /**
     * Asks nobody anything yet.
     *
     * @param connectionsMax for requests that end, of all lanes together
     */
    ClusterClient(
            ClusterAccess access,
            KubernetesSerialization serialization,
            Vertx vertx,
            int connectionsMax,
            RequestGate gate) {
        this.access = access;
        this.serialization = serialization;
        this.limited = Transport.limited(vertx, connectionsMax);
        this.open = Transport.open(vertx);
        this.gate = gate;
    }

    /** The client of a lane, always the same. */
    synchronized KubernetesClient client(Lane lane) {
        return clients.computeIfAbsent(lane, it -> new KubernetesClientBuilder()
                .withConfig(access.config())
                .withKubernetesSerialization(serialization)
                .withHttpClientFactory(new GatedHttpClientFactory(limited, open, gate, it))
                .withHttpClientBuilderConsumer(
                        http -> http.addOrReplaceInterceptor(TokenRefreshInterceptor.NAME, new Credentials(access)))
                .build());
    }

    /** See {@link Cluster#get}. */
    RawAnswer get(Lane lane, String pathAndQuery, Map<String, String> headers) throws KubeException {
        Stream stream = stream(lane, pathAndQuery, headers);
        try (InputStream in = stream.in()) {
            byte[] body = in.readNBytes(BODY_BYTES_MAX + 1);
            if (body.length > BODY_BYTES_MAX) {
                throw new KubeException(
                        KubeException.Code.TOO_LONG,
                        0,
                        "GET " + pathAndQuery + ": the answer is longer than " + (BODY_BYTES_MAX >> 20) + " MiB",
                        null);
            }
            return new RawAnswer(stream.status(), stream.headers(), body);
        } catch (IOException e) {
            throw KubeException.failed("GET " + pathAndQuery, e);
        }
    }

    /** See {@link Cluster#open}. */
    InputStream open(Lane lane, String pathAndQuery, String accept) throws KubeException {
        return stream(lane, pathAndQuery, Map.of("Accept", accept)).in();
    }

    private record Stream(int status, Map<String, String> headers, InputStream in) {}

    private Stream stream(Lane lane, String pathAndQuery, Map<String, String> headers) throws KubeException {
        String what = "GET " + pathAndQuery;
        HttpClient http = client(lane).getHttpClient();
        boolean endless = RequestKind.of("GET", pathAndQuery).endless();
        HttpRequest.Builder request = http.newHttpRequestBuilder()
                .uri(access.at(pathAndQuery))
                .timeout(HEAD_SECONDS_MAX, TimeUnit.SECONDS); // For the head: a body has a limit of its own.
        headers.forEach(request::setHeader);
        if (endless) {
            request.forStreaming();
        } else {
            request.setHeader("Accept-Encoding", "gzip");
        }
        BodyStream body = new BodyStream(endless, endless ? WATCH_SILENCE_MAX : SILENCE_MAX);
        HttpResponse<AsyncBody> answer = await(what, lane, http.consumeBytes(request.build(), body::add));
        body.begin(answer.body());
        try {
            InputStream in = "gzip".equals(answer.header("Content-Encoding")) ? new GZIPInputStream(body) : body;
            if (!answer.isSuccessful() && answer.code() != 304) {
                try (in) {
                    throw KubeException.answered(answer.code(), what, said(in.readNBytes(MESSAGE_BYTES_MAX)));
                }
            }
            return new Stream(answer.code(), headers(answer), in);
        } catch (IOException e) {
            body.close();
            throw KubeException.failed(what, e);
        }
    }

    /** Every wait behind this has a limit of its own; this one is for what nobody thought of. */
    private static HttpResponse<AsyncBody> await(
            String what, Lane lane, CompletableFuture<HttpResponse<AsyncBody>> answer) throws KubeException {
        long limit = lane.triesMax().plus(lane.waitMax()).plusSeconds(60).toMillis();
        try {
            return answer.get(limit, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw KubeException.failed(what, RequestGate.cause(e.getCause() == null ? e : e.getCause()));
        } catch (TimeoutException e) {
            giveUp(answer);
            throw KubeException.failed(what, e);
        } catch (InterruptedException e) {
            giveUp(answer);
            Thread.currentThread().interrupt();
            throw KubeException.failed(what, new IOException("interrupted", e));
        }
    }

    /** The answer may have come this very moment. */
    private static void giveUp(CompletableFuture<HttpResponse<AsyncBody>> answer) {
        if (!answer.cancel(false) && !answer.isCompletedExceptionally()) {
            answer.thenAccept(it -> it.body().cancel());
        }
    }

    private static Map<String, String> headers(HttpResponse<?> answer) {
        Map<String, String> headers = new HashMap<>();
        for (Map.Entry<String, List<String>> header : answer.headers().entrySet()) {
            headers.put(header.getKey().toLowerCase(Locale.ROOT), String.join(", ", header.getValue()));
        }
        return headers;
    }

    /** What the server says, of a Status object or in plain text. */
    private static String said(byte[] body) {
        try {
            return JSON.readTree(body).path("message").asText("");
        } catch (IOException e) {
            return e instanceof JacksonException ? "" : String.valueOf(e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        clients.values().forEach(KubernetesClient::close);
        clients.clear();
    }
}
