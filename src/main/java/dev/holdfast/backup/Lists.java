package dev.holdfast.backup;

import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.Cluster;
import dev.holdfast.kube.KubeException;
import dev.holdfast.kube.Lane;
import java.io.Closeable;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;

/**
 * Reads lists from the API server page by page, each page while the one before it is worked on. What waits for its turn
 * has a limit, in memory and on disk.
 */
final class Lists implements Closeable {
    /** Lists that are read at the same time. */
    private static final int AHEAD = 16;

    private static final int PAGE_MAX = 500;
    private static final int PAGE_MIN = 10;
    /** Of a list whose first page was too large to wait. */
    private static final int PAGE_LARGE = 50;
    /** Objects of a megabyte come fewer at a time, so that neither the server nor the disk here holds many of them. */
    private static final long PAGE_BYTES_WANTED = 32L << 20;

    private final Cluster cluster;
    private final Spool spool;
    private final Findings findings;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * One list.
     *
     * @param namespace empty for all of them, and for resources of the whole cluster
     * @param labels selector that the server applies; empty for none
     */
    record Query(ApiResource resource, String namespace, String labels) {
        private String path(int limit, String next) {
            return resource.path(namespace.isEmpty() ? null : namespace)
                    + "?limit=" + limit
                    + (labels.isEmpty() ? "" : "&labelSelector=" + encoded(labels))
                    + (next.isEmpty() ? "" : "&continue=" + encoded(next));
        }

        /** Whether it is one of all namespaces. */
        boolean ofAll() {
            return resource.namespaced() && namespace.isEmpty();
        }

        private List<Query> each(List<String> namespaces) {
            return namespaces.stream()
                    .map(name -> new Query(resource, name, labels))
                    .toList();
        }

        @Override
        public String toString() {
            return resource.groupResource() + (namespace.isEmpty() ? "" : " in namespace " + namespace);
        }

        private static String encoded(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8);
        }
    }

    /** A list that has been asked for. */
    final class Started {
        private final Query query;
        private volatile boolean itsTurn;
        private int limit = PAGE_MAX;
        private Future<Optional<Page>> coming;

        private Started(Query query) {
            this.query = query;
            this.coming = ask("");
        }

        Query query() {
            return query;
        }

        /** Waits for a page. It is its turn from now on. */
        Page page() throws KubeException, IOException, InterruptedException {
            itsTurn = true;
            try {
                Optional<Page> page = coming.get();
                while (page.isEmpty()) { // Only a first page was asked for before its turn.
                    limit = PAGE_LARGE;
                    coming = ask("");
                    page = coming.get();
                }
                return page.get();
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case KubeException known -> throw known;
                    case IOException io -> throw io;
                    case null, default -> throw new IllegalStateException("list " + query, e);
                }
            }
        }

        /** Asks for the page behind that one, which is therefore full. To be called before it is worked on. */
        void askBehind(Page page) {
            limit = nextLimit(limit, page.size());
            coming = ask(page.next());
        }

        /** Asks for the first page again: what was to continue has expired. */
        void askAgain() {
            drop();
            coming = ask("");
        }

        /** Does without what was asked for. A page that arrives all the same goes with the spool. */
        void drop() {
            coming.cancel(true);
            if (coming.state() == Future.State.SUCCESS) {
                coming.resultNow().ifPresent(Page::close);
            }
        }

        private Future<Optional<Page>> ask(String next) {
            findings.asked();
            String path = query.path(limit, next);
            Callable<Optional<Page>> task =
                    () -> Page.read(cluster.open(Lane.BACKUP, path, Cluster.JSON), spool, () -> itsTurn);
            return threads.submit(task);
        }
    }

    /** Many lists, of which the next ones are always asked for already. */
    final class Ahead {
        private final Deque<Query> waiting;
        private final Deque<Started> started = new ArrayDeque<>();

        private Ahead(List<Query> queries) {
            this.waiting = new ArrayDeque<>(queries);
            fill();
        }

        /** Those that have not been taken. */
        int left() {
            return waiting.size() + started.size();
        }

        /** The next one; there must be one. */
        Started next() {
            Started next = started.removeFirst();
            fill();
            return next;
        }

        /** Does without some. Returns how many they were. */
        int drop(Predicate<Query> unwanted) {
            int before = left();
            started.stream().filter(it -> unwanted.test(it.query)).forEach(Started::drop);
            started.removeIf(it -> unwanted.test(it.query));
            waiting.removeIf(unwanted);
            int dropped = before - left();
            fill();
            return dropped;
        }

        /**
         * Asks namespace by namespace for that list of all, which was refused.
         *
         * @param following whether so are those that have not been asked for
         */
        void split(Query query, List<String> namespaces, boolean following) {
            List<Query> rest = new ArrayList<>(query.each(namespaces));
            waiting.forEach(it -> rest.addAll(following && it.ofAll() ? it.each(namespaces) : List.of(it)));
            waiting.clear();
            waiting.addAll(rest);
            fill();
        }

        private void fill() {
            while (started.size() < AHEAD && !waiting.isEmpty()) {
                started.addLast(new Started(waiting.removeFirst()));
            }
        }
    }

    /** @param spool for pages that are large */
    Lists(Cluster cluster, Spool spool, Findings findings) {
        this.cluster = cluster;
        this.spool = spool;
        this.findings = findings;
    }

    /** Asks for the first ones at once. */
    Ahead ahead(List<Query> queries) {
        return new Ahead(queries);
    }

    /** Whether the API server itself answers, whatever it says. */
    boolean answered() {
        findings.asked();
        try {
            cluster.get(Lane.BACKUP, "/api/v1/namespaces?limit=1", Cluster.JSON);
            return true;
        } catch (KubeException e) {
            return e.code() != KubeException.Code.UNREACHABLE;
        }
    }

    /** How many to ask for, after {@code items} of them took {@code bytes}. */
    static int nextLimit(long items, long bytes) {
        long fitting = PAGE_BYTES_WANTED * items / Math.max(1, bytes);
        return (int) Math.max(PAGE_MIN, Math.min(PAGE_MAX, fitting));
    }

    /** Ends what is still being read. Pages that nobody has taken go as well. */
    @Override
    public void close() {
        threads.shutdownNow();
        spool.close();
    }
}
