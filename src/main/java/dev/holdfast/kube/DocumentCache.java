package dev.holdfast.kube;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Documents that describe the cluster and are the same for all who ask, such as OpenAPI. Each is fetched once and then
 * revalidated by its ETag, at the latest after five minutes; the least used go first when there are too many. Lock: the
 * object guards the maps; fetching is done without it, by one of those who ask for the same.
 */
final class DocumentCache {
    private static final Duration KEEP = Duration.ofMinutes(5);
    private static final long BYTES_MAX = 16L << 20;

    private final Fetch fetch;
    private final LongSupplier nanos;
    private final Map<Key, Kept> kept = new LinkedHashMap<>(64, 0.75f, true);
    private final Map<Key, CompletableFuture<RawAnswer>> fetching = new LinkedHashMap<>();
    private long bytes;
    private long validFrom;

    /** How to ask the server. */
    interface Fetch {
        RawAnswer get(String pathAndQuery, Map<String, String> headers) throws KubeException;
    }

    private record Key(String pathAndQuery, String accept) {}

    private record Kept(RawAnswer answer, long at) {}

    DocumentCache(Fetch fetch, LongSupplier nanos) {
        this.fetch = fetch;
        this.nanos = nanos;
        this.validFrom = nanos.getAsLong();
    }

    /** Something has changed: each is revalidated before it is used again. */
    synchronized void invalidate() {
        validFrom = nanos.getAsLong();
    }

    /** The document; status 200. Blocks. */
    RawAnswer get(String pathAndQuery, String accept) throws KubeException {
        Key key = new Key(pathAndQuery, accept);
        CompletableFuture<RawAnswer> mine = new CompletableFuture<>();
        CompletableFuture<RawAnswer> others;
        Kept known;
        synchronized (this) {
            known = kept.get(key);
            if (known != null && known.at() - validFrom >= 0 && nanos.getAsLong() - known.at() < KEEP.toNanos()) {
                return known.answer();
            }
            others = fetching.putIfAbsent(key, mine);
        }
        return others == null ? fetch(key, known, mine) : await(pathAndQuery, others);
    }

    private RawAnswer fetch(Key key, @Nullable Kept known, CompletableFuture<RawAnswer> mine) throws KubeException {
        long asked = nanos.getAsLong();
        try {
            String etag = known == null ? null : known.answer().header("etag");
            RawAnswer answer = fetch.get(
                    key.pathAndQuery(),
                    etag == null
                            ? Map.of("Accept", key.accept())
                            : Map.of("Accept", key.accept(), "If-None-Match", etag));
            RawAnswer valid = answer.status() == 304 && known != null ? known.answer() : answer;
            keep(key, new Kept(valid, asked));
            mine.complete(valid);
            return valid;
        } catch (KubeException | RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            synchronized (this) {
                fetching.remove(key);
            }
        }
    }

    private static RawAnswer await(String what, CompletableFuture<RawAnswer> others) throws KubeException {
        try {
            return others.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KubeException known ? known : KubeException.failed("GET " + what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw KubeException.failed("GET " + what, e);
        }
    }

    private synchronized void keep(Key key, Kept fresh) {
        Kept old = kept.put(key, fresh);
        bytes += fresh.answer().body().length - (old == null ? 0 : old.answer().body().length);
        var oldest = kept.entrySet().iterator();
        while (bytes > BYTES_MAX && oldest.hasNext()) {
            bytes -= oldest.next().getValue().answer().body().length;
            oldest.remove();
        }
    }
}
