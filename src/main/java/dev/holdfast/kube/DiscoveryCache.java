package dev.holdfast.kube;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one discovery of a node: two aggregated documents, revalidated by their ETags. What is known is answered at once
 * while it is renewed; one renewal at a time, however many ask. On servers without aggregated discovery the documents
 * of the group versions are fetched one by one, at most 16 at a time. Lock: the object guards {@code running} and the
 * time of the last forced one; {@code held} is replaced as a whole.
 */
public final class DiscoveryCache implements Discovery, Closeable {
    private static final Logger LOG = Logger.getLogger(DiscoveryCache.class);
    private static final Duration STALE_MAX = Duration.ofHours(1);
    private static final Duration MISS_PAUSE = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int LEGACY_WIDTH = 16;

    /** APIs come and go with definitions, and with servers of their own. */
    static final String SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";

    private static final Set<String> CHANGES = Set.of(Definitions.PATH, SERVICES);

    /** How long those wait who could be answered from what is known. */
    private static final Duration SOON = Duration.ofSeconds(2);

    private final Source source;
    private final @Nullable DiscoveryFile file;
    private final InstantSource time;
    private final Duration refreshAfter;
    private final KubeObserver observer;
    private final List<Consumer<DiscoverySnapshot>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable Held held;
    private @Nullable CompletableFuture<Held> running;
    private @Nullable Instant forced;
    private final Object keeping = new Object();
    private volatile boolean closed;
    private final Set<String> watched = ConcurrentHashMap.newKeySet();

    /** Where documents come from. Blocks. */
    interface Source {
        RawAnswer get(String path, Map<String, String> headers) throws KubeException;
    }

    /** What is known, and since when it is known to be so. */
    record Held(DiscoveryDocuments documents, DiscoverySnapshot snapshot) {}

    DiscoveryCache(
            Source source,
            @Nullable DiscoveryFile file,
            InstantSource time,
            Duration refreshAfter,
            KubeObserver observer) {
        this.source = source;
        this.file = file;
        this.time = time;
        this.refreshAfter = refreshAfter;
        this.observer = observer;
        this.held = warm();
    }

    @Override
    public DiscoverySnapshot snapshot() throws KubeException {
        return current().snapshot();
    }

    /** As {@link #snapshot}, with the documents. */
    Held current() throws KubeException {
        Held known = held;
        if (known == null || age(known).compareTo(STALE_MAX) > 0) {
            return await(refresh());
        }
        if (age(known).compareTo(refreshAfter) > 0) {
            refresh();
        }
        return known;
    }

    @Override
    public DiscoverySnapshot recent() throws KubeException {
        return recentlyHeld().snapshot();
    }

    /** As {@link #recent}, with the documents. */
    Held recentlyHeld() throws KubeException {
        Held known = held;
        if (!watched.containsAll(CHANGES) && known != null && age(known).compareTo(MISS_PAUSE) > 0) {
            renewSoon();
        }
        return current();
    }

    private void renewSoon() {
        try {
            if (mayForce()) {
                refresh().get(SOON.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (ExecutionException | TimeoutException e) {
            LOG.debugf("what is known is used on: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether changes of one of {@link #CHANGES} are heard of as they happen. */
    void watched(String path, boolean now) {
        if (now) {
            watched.add(path);
        } else {
            watched.remove(path);
        }
    }

    @Override
    public DiscoverySnapshot refreshed() throws KubeException {
        return mayForce() ? await(refresh()).snapshot() : snapshot();
    }

    private synchronized boolean mayForce() {
        if (running != null) {
            return true; // Joining it costs nothing.
        }
        Instant now = time.instant();
        if (forced != null && Duration.between(forced, now).compareTo(MISS_PAUSE) < 0) {
            return false;
        }
        forced = now;
        return true;
    }

    /** Renews what is known; joins a renewal that is on its way. Never blocks. */
    CompletableFuture<Held> refresh() {
        CompletableFuture<Held> renewal;
        synchronized (this) {
            if (running != null) {
                return running;
            }
            renewal = new CompletableFuture<>();
            running = renewal;
        }
        Thread.ofVirtual().name("discovery").start(() -> renew(renewal));
        return renewal;
    }

    /** What is known now, without asking anybody; null before the first time. */
    public @Nullable DiscoverySnapshot known() {
        Held now = held;
        return now == null ? null : now.snapshot();
    }

    /** Calls back with each snapshot whose content is new. */
    void onChange(Consumer<DiscoverySnapshot> listener) {
        listeners.add(listener);
    }

    /** From its return on, the file is not written any more. */
    @Override
    public void close() {
        synchronized (keeping) {
            closed = true;
        }
    }

    private Duration age(Held known) {
        return Duration.between(known.snapshot().fetched(), time.instant());
    }

    private static Held await(CompletableFuture<Held> renewal) throws KubeException {
        try {
            return renewal.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KubeException known ? known : KubeException.failed("discover", e);
        } catch (TimeoutException e) {
            throw KubeException.failed("discover", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw KubeException.failed("discover", e);
        }
    }

    private void renew(CompletableFuture<Held> renewal) {
        long from = System.nanoTime();
        Held before = held;
        Held now;
        try {
            now = fetch(before);
        } catch (KubeException | IOException | RuntimeException | OutOfMemoryError e) {
            finish();
            observer.discovered("failed", Duration.ofNanos(System.nanoTime() - from));
            if (!closed) {
                LOG.warnf("discovery failed; what was known %s is used on: %s", since(before), e.getMessage());
            }
            renewal.completeExceptionally(e instanceof KubeException ? e : KubeException.failed("discover", e));
            return;
        }
        boolean changed = before == null
                || now.snapshot().generation() != before.snapshot().generation();
        held = now;
        finish();
        observer.discovered(changed ? "changed" : "unchanged", Duration.ofNanos(System.nanoTime() - from));
        renewal.complete(now);
        try {
            if (changed) {
                tell(now, before);
            }
        } finally {
            keep(now);
        }
    }

    private synchronized void finish() {
        running = null;
    }

    private static String since(@Nullable Held before) {
        return before == null ? "(nothing yet)" : "at " + before.snapshot().fetched();
    }

    private void tell(Held now, @Nullable Held before) {
        DiscoverySnapshot snapshot = now.snapshot();
        LOG.infof(
                "discovery changed generation=%d groupVersions=%d resources=%d stale=%s",
                snapshot.generation(),
                snapshot.groupVersions().size(),
                snapshot.resources().size(),
                snapshot.staleGroupVersions());
        List<String> stale = new ArrayList<>(snapshot.staleGroupVersions());
        if (before != null) {
            stale.removeAll(before.snapshot().staleGroupVersions());
        }
        stale.forEach(it -> LOG.warnf(
                "the server of API %s does not answer: what was known of it before is used; see `kubectl get"
                        + " apiservices`",
                it));
        listeners.forEach(it -> it.accept(snapshot));
    }

    private Held fetch(@Nullable Held before) throws KubeException, IOException {
        DiscoveryDocuments known =
                before != null && before.documents().aggregated() ? before.documents() : DiscoveryDocuments.NONE;
        List<RawAnswer> pair = together(
                List.of(() -> ask(DiscoveryDocuments.CORE, known), () -> ask(DiscoveryDocuments.GROUPS, known)));
        RawAnswer core = pair.getFirst();
        RawAnswer groups = pair.getLast();
        Instant now = time.instant();
        if (core.status() == 304 && groups.status() == 304 && before != null) {
            return new Held(
                    before.documents(), before.snapshot().at(before.snapshot().generation(), now));
        }
        Map<String, DiscoveryDocuments.Document> documents = new HashMap<>();
        documents.put(DiscoveryDocuments.CORE, document(core, known.byPath().get(DiscoveryDocuments.CORE)));
        documents.put(DiscoveryDocuments.GROUPS, document(groups, known.byPath().get(DiscoveryDocuments.GROUPS)));
        List<String> failed = new ArrayList<>();
        if (!new DiscoveryDocuments(documents).aggregated()) {
            documents = legacy(failed);
        }
        return held(new DiscoveryDocuments(documents), failed, before, now);
    }

    private static Held held(DiscoveryDocuments documents, List<String> failed, @Nullable Held before, Instant now)
            throws IOException {
        DiscoverySnapshot last = before == null ? null : before.snapshot();
        long generation = last == null ? 1 : last.generation();
        DiscoverySnapshot fresh = documents.snapshot(generation, now, failed, last);
        boolean same = last != null && fresh.at(generation, last.fetched()).equals(last);
        return new Held(documents, same || last == null ? fresh : fresh.at(generation + 1, now));
    }

    private RawAnswer ask(String path, DiscoveryDocuments known) throws KubeException {
        DiscoveryDocuments.Document last = known.byPath().get(path);
        String etag = last == null ? null : last.etag();
        return source.get(
                path,
                etag == null
                        ? Map.of("Accept", DiscoveryDocuments.ACCEPT)
                        : Map.of("Accept", DiscoveryDocuments.ACCEPT, "If-None-Match", etag));
    }

    private static DiscoveryDocuments.Document document(RawAnswer answer, DiscoveryDocuments.@Nullable Document known) {
        if (answer.status() == 304 && known != null) {
            return known;
        }
        String type = answer.header("content-type");
        return new DiscoveryDocuments.Document(answer.header("etag"), type == null ? "" : type, answer.body());
    }

    /** The way of old servers. A group version that fails is stale, not the end of all. */
    private Map<String, DiscoveryDocuments.Document> legacy(List<String> failed) throws KubeException, IOException {
        Map<String, String> plain = Map.of("Accept", Cluster.JSON);
        DiscoveryDocuments.Document core = document(source.get(DiscoveryDocuments.CORE, plain), null);
        DiscoveryDocuments.Document groups = document(source.get(DiscoveryDocuments.GROUPS, plain), null);
        Map<String, DiscoveryDocuments.Document> documents = new HashMap<>();
        documents.put(DiscoveryDocuments.CORE, core);
        documents.put(DiscoveryDocuments.GROUPS, groups);
        List<String> paths = DiscoveryDocuments.legacyPaths(core, groups);
        Semaphore width = new Semaphore(LEGACY_WIDTH);
        List<Asking<@Nullable RawAnswer>> questions = new ArrayList<>();
        for (String path : paths) {
            questions.add(() -> {
                width.acquireUninterruptibly();
                try {
                    return source.get(path, plain);
                } catch (KubeException e) {
                    LOG.debugf("discover %s: %s", path, e.getMessage());
                    return null;
                } finally {
                    width.release();
                }
            });
        }
        List<@Nullable RawAnswer> answers = together(questions);
        for (int i = 0; i < paths.size(); i++) {
            RawAnswer answer = answers.get(i);
            if (answer == null) {
                failed.add(paths.get(i));
            } else {
                documents.put(paths.get(i), document(answer, null));
            }
        }
        return documents;
    }

    private interface Asking<T extends @Nullable Object> {
        T ask() throws KubeException;
    }

    /** Asks all at once and waits for all. */
    private static <T extends @Nullable Object> List<T> together(List<? extends Asking<T>> questions)
            throws KubeException {
        List<CompletableFuture<T>> answers = new ArrayList<>();
        for (Asking<T> question : questions) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            answers.add(answer);
            Thread.ofVirtual().name("discovery").start(() -> {
                try {
                    answer.complete(question.ask());
                } catch (Throwable e) { // Also what ends the thread: somebody waits.
                    answer.completeExceptionally(e);
                }
            });
        }
        List<T> found = new ArrayList<>();
        for (CompletableFuture<T> answer : answers) {
            try {
                found.add(answer.get());
            } catch (ExecutionException e) {
                throw e.getCause() instanceof KubeException known ? known : KubeException.failed("discover", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw KubeException.failed("discover", e);
            }
        }
        return found;
    }

    private @Nullable Held warm() {
        if (file == null) {
            return null;
        }
        try {
            return file.read()
                    .map(it -> new Held(it.documents(), it.snapshot()))
                    .orElse(null);
        } catch (IOException e) {
            LOG.warnf("last discovery is not used: %s", e.getMessage());
            return null;
        }
    }

    private void keep(Held now) {
        synchronized (keeping) { // Two renewals in a row, and the end.
            if (file == null || closed) {
                return;
            }
            try {
                file.write(new DiscoveryFile.Kept(now.documents(), now.snapshot()));
            } catch (IOException e) {
                LOG.warnf("keep discovery for the next start: %s", e.getMessage());
            }
        }
    }
}
