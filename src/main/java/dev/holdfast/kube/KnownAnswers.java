package dev.holdfast.kube;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Answers the local gate's children from what the node knows: discovery, OpenAPI, definitions. Blocks. */
final class KnownAnswers {
    private static final List<String> PASSED_ON = List.of("cache-control", "expires", "vary", "last-modified");
    private static final int GZIP_FROM = 128 << 10;

    private final DiscoveryCache discovery;
    private final Definitions definitions;
    private final DocumentCache documents;
    private final KubeObserver observer;

    KnownAnswers(DiscoveryCache discovery, Definitions definitions, DocumentCache documents, KubeObserver observer) {
        this.discovery = discovery;
        this.definitions = definitions;
        this.documents = documents;
        this.observer = observer;
    }

    /** Whether a GET is about something that is known here, in a form that can be given. */
    boolean covers(RequestKind kind, String accept) {
        if (definition(kind) != null) {
            return kind.query().isEmpty() && json(accept) && !accept.contains("as=");
        }
        return switch (kind.segments().isEmpty() ? "" : kind.segments().getFirst()) {
            case "api" -> kind.segments().size() <= 2 && (json(accept) || accept.contains("apidiscovery.k8s.io"));
            case "apis" -> kind.segments().size() <= 3 && (json(accept) || accept.contains("apidiscovery.k8s.io"));
            case "openapi" -> true;
            case "version" -> kind.segments().size() == 1;
            default -> false;
        };
    }

    private static boolean json(String accept) {
        return accept.contains("application/json") || accept.contains("*/*");
    }

    private static @Nullable String definition(RequestKind kind) {
        String prefix = Definitions.PATH + "/";
        return kind.path().startsWith(prefix) && kind.path().indexOf('/', prefix.length()) < 0
                ? kind.path().substring(prefix.length())
                : null;
    }

    /** Something was written through the gate: what it may have changed is no longer known. */
    void written(RequestKind kind) {
        if (kind.path().startsWith(Definitions.PATH)) {
            definitions.invalidate();
        }
    }

    /**
     * Answers what {@link #covers} said yes to.
     *
     * @return false where only the server can: nothing has been sent
     */
    boolean answer(HttpServerRequest request, String child, RequestKind kind, String target, String accept) {
        HttpServerResponse response = request.response();
        try {
            request.resume();
            Found found = find(kind, target, accept);
            observer.servedFromCache(child, found.what());
            send(request, found);
        } catch (KubeException e) {
            if (e.status() / 100 == 3) {
                documents.invalidate(); // It leads elsewhere, so what led here is outdated.
                return false;
            }
            if (e.code() == KubeException.Code.TOO_LONG) {
                return false; // It passes in pieces.
            }
            int status = e.status() >= 400 ? e.status() : 503;
            Replies.refuse(response, status, e.code().name(), String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            Replies.refuse(response, 500, "InternalError", "answer " + kind.path() + ": " + e);
        }
        return true;
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Found(
            String what, String contentType, @Nullable String etag, Map<String, String> headers, byte[] body) {}

    private Found find(RequestKind kind, String target, String accept) throws KubeException {
        String definition = definition(kind);
        if (definition != null) {
            Optional<byte[]> body = definitions.find(definition);
            if (body.isEmpty()) {
                throw KubeException.answered(
                        404, "customresourcedefinitions.apiextensions.k8s.io \"" + definition + "\"", "not found");
            }
            return new Found("definition", Cluster.JSON, null, Map.of(), body.get());
        }
        if (kind.segments().getFirst().startsWith("api")) {
            return discovery(kind, accept);
        }
        RawAnswer answer = documents.get(target, accept);
        String type = answer.header("content-type");
        return new Found(
                kind.segments().getFirst(),
                type == null ? Cluster.JSON : type,
                answer.header("etag"),
                answer.headers(),
                answer.body());
    }

    private Found discovery(RequestKind kind, String accept) throws KubeException {
        DiscoveryCache.Held held = discovery.recentlyHeld();
        DiscoveryDocuments.Document document = held.documents().byPath().get(kind.path());
        if (document != null && document.aggregated() && wanted(document, accept)) {
            return new Found("discovery", document.contentType(), document.etag(), Map.of(), document.body());
        }
        if (document != null && !held.documents().aggregated()) {
            return new Found("discovery", Cluster.JSON, null, Map.of(), document.body());
        }
        Optional<? extends Object> made = LegacyDiscovery.document(held.snapshot(), kind.segments());
        if (made.isEmpty()) {
            made = LegacyDiscovery.document(discovery.refreshed(), kind.segments());
        }
        String body = made.map(Object::toString)
                .orElseThrow(() -> KubeException.answered(404, "GET " + kind.path(), "there is no such API"));
        return new Found("discovery", Cluster.JSON, null, Map.of(), body.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether the client reads the version that the server gave us. */
    private static boolean wanted(DiscoveryDocuments.Document document, String accept) {
        String version = document.contentType().contains("v=v2beta1") ? "v=v2beta1" : "v=v2;";
        return accept.contains("apidiscovery.k8s.io") && (accept + ";").contains(version);
    }

    private static void send(HttpServerRequest request, Found found) {
        HttpServerResponse response = request.response();
        response.putHeader("Vary", "Accept");
        PASSED_ON.forEach(name -> {
            String value = found.headers().get(name);
            if (value != null) {
                response.putHeader(name, value);
            }
        });
        if (found.etag() != null) {
            response.putHeader("ETag", found.etag());
            if (found.etag().equals(request.getHeader("If-None-Match"))) {
                response.setStatusCode(304).end();
                return;
            }
        }
        response.putHeader("Content-Type", found.contentType());
        String encodings = request.getHeader("Accept-Encoding");
        boolean gzip = encodings != null && encodings.contains("gzip") && found.body().length > GZIP_FROM;
        if (gzip) {
            response.putHeader("Content-Encoding", "gzip");
        }
        response.end(Buffer.buffer(gzip ? gzipped(found.body()) : found.body()));
    }

    private static byte[] gzipped(byte[] body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 8);
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // In memory.
        }
        return bytes.toByteArray();
    }
}
