package dev.holdfast.backup;

import static dev.holdfast.backup.BackupDocument.Phase.FINALIZING;
import static dev.holdfast.backup.BackupDocument.Phase.IN_PROGRESS;

import dev.holdfast.backup.BackupException.Code;
import dev.holdfast.backup.BackupProgress.Phase;
import dev.holdfast.backup.archive.ArchiveWriter;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.Cluster;
import dev.holdfast.kube.KubeException;
import dev.holdfast.linux.Reason;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.ItemId;
import dev.holdfast.plugin.Plugins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One backup of objects, from discovery to a durable archive. One thread runs it; {@link #progress} and {@link #cancel}
 * come from others. Lock: the object itself guards the thread that a cancel interrupts.
 */
final class ObjectBackup {
    private static final String CANCELED = "canceled; no archive was left";

    private final Cluster cluster;
    private final PluginSupply supply;
    private final BackupOrder order;
    private final String id;
    private final Consumer<String> pluginLog;
    private final Spool spool;
    private final Instant started;
    private final Findings findings = new Findings();
    private volatile Phase phase = Phase.STARTING;
    private final AtomicInteger resourcesDone = new AtomicInteger();
    private volatile int resourcesTotal;
    private volatile boolean canceled;
    private @Nullable Thread thread;
    private volatile @Nullable Plugins running;

    ObjectBackup(
            Cluster cluster,
            PluginSupply supply,
            BackupOrder order,
            String id,
            Consumer<String> pluginLog,
            Spool spool,
            Instant started) {
        this.cluster = cluster;
        this.supply = supply;
        this.order = order;
        this.id = id;
        this.pluginLog = pluginLog;
        this.spool = spool;
        this.started = started;
    }

    /** Ends it soon, without an archive, also in the middle of a question to the cluster or to a plugin. */
    void cancel() {
        synchronized (this) {
            canceled = true;
            if (thread != null) {
                thread.interrupt();
            }
        }
        Plugins plugins = running;
        if (plugins != null) {
            plugins.close();
        }
    }

    /** The archive is complete and on its way. */
    void storing() {
        phase = Phase.STORING;
    }

    BackupProgress progress() {
        return new BackupProgress(
                phase,
                resourcesDone.get(),
                resourcesTotal,
                findings.takenCount(),
                findings.failedCount(),
                findings.skippedCount(),
                findings.bytes());
    }

    /**
     * Makes the archive.
     *
     * @param file replaced when it is complete
     * @param aside where it is written until then
     */
    BackupReport run(Path file, Path aside, boolean compressed) throws BackupException, InterruptedException {
        begin();
        try {
            return make(file, aside, compressed);
        } catch (BackupException | InterruptedException | RuntimeException e) {
            if (canceled && phase != Phase.WRITING) {
                throw new BackupException(Code.CANCELED, CANCELED, e);
            }
            if (Thread.interrupted()) { // By the end of the agent, whatever it has broken.
                throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
            }
            throw e;
        } finally {
            uninterruptible();
        }
    }

    private synchronized void begin() throws BackupException {
        if (canceled) {
            throw new BackupException(Code.CANCELED, CANCELED, null);
        }
        thread = Thread.currentThread();
    }

    /** From here on a cancel does not reach this thread any more. */
    private synchronized void uninterruptible() {
        thread = null;
        if (canceled) {
            Thread.interrupted();
        }
    }

    private BackupReport make(Path file, Path aside, boolean compressed) throws BackupException, InterruptedException {
        long begun = System.nanoTime();
        Resources resources = discover();
        ObjectSelection selection = order.selection().resolved(resources);
        tellStale(resources, selection);
        long bytes;
        requireFolder(file);
        try (ArchiveWriter archive = new ArchiveWriter(file, aside, compressed, started);
                Lists lists = new Lists(cluster, spool, findings);
                PluginSupply.Opened opened = supply.open()) {
            opened.troubles().forEach(findings::failed);
            // The first lists arrive while the plugins start.
            Lists.Ahead ahead = lists.ahead(Queries.of(resources, selection));
            resourcesTotal = ahead.left();
            try (Plugins plugins = Plugins.start(opened.commands(), supply.limits(), supply.sockets(), pluginLog)) {
                running = plugins;
                plugins.troubles().forEach(findings::failed);
                plugins.notes().forEach(findings::note);
                take(new Parts(resources, selection, lists, ahead, archive), plugins);
            }
            uninterruptible();
            requireWorth();
            phase = Phase.WRITING;
            bytes = archive.commit();
        } catch (IOException e) {
            throw new BackupException(Code.ARCHIVE, "write archive " + file + ": " + Reason.of(e), e);
        }
        return new BackupReport(
                findings.takenByResource(),
                findings.skippedLines(),
                findings.skippedCount(),
                findings.failedLines(),
                findings.failedCount(),
                findings.notes(),
                bytes,
                findings.requests(),
                started,
                Duration.ofNanos(System.nanoTime() - begun));
    }

    /** An archive that is worth nothing must not take the place of an older one. */
    private void requireWorth() throws BackupException {
        if (canceled) {
            throw new BackupException(Code.CANCELED, CANCELED, null);
        }
        if (findings.takenCount() == 0 && findings.failedCount() > 0) {
            throw new BackupException(
                    Code.CLUSTER,
                    "nothing could be taken, " + findings.failedCount() + " failures, the first: "
                            + findings.failedLines().getFirst(),
                    null);
        }
    }

    private Resources discover() throws BackupException {
        try {
            Resources resources = new Resources(cluster.discovery().recent());
            List<String> problems = order.selection().problems(resources);
            if (!problems.isEmpty() || !resources.stale().isEmpty()) {
                // Perhaps it is there since a moment ago.
                resources = new Resources(cluster.discovery().refreshed());
                problems = order.selection().problems(resources);
            }
            if (!problems.isEmpty()) {
                throw new BackupException(Code.ORDER, String.join("; ", problems), null);
            }
            return resources;
        } catch (KubeException e) {
            throw new BackupException(Code.CLUSTER, "read which resources there are: " + e.getMessage(), e);
        }
    }

    /** To list what a dead server has would cost many seconds for each list, and give nothing. */
    private void tellStale(Resources resources, ObjectSelection selection) {
        for (String stale : resources.stale()) {
            boolean wanted = resources.known(stale)
                    ? ResourceOrder.of(resources.all(), selection).stream()
                            .anyMatch(resource -> resource.groupVersion().equals(stale))
                    : selection.mayAskFor(ObjectSelection.group(stale));
            if (wanted) {
                findings.failed("API " + stale + ": its server does not answer; its objects are not in the archive");
            }
        }
    }

    /** What of a backup goes from one step to the next. */
    private record Parts(
            Resources resources, ObjectSelection selection, Lists lists, Lists.Ahead ahead, ArchiveWriter archive) {}

    private void take(Parts parts, Plugins plugins) throws BackupException, InterruptedException {
        ObjectSelection selection = parts.selection();
        ItemActions actions = new ItemActions(actions(plugins), parts.resources(), document(IN_PROGRESS), findings);
        Items items = new Items(parts.resources(), actions, parts.archive(), findings);
        Listing listing = new Listing(parts.lists(), items, findings, () -> canceled, this::gone);
        phase = Phase.LISTING;
        listing.take(parts.ahead(), this::selected, selection.namedNamespaces(), left -> {
            resourcesTotal = resourcesDone.incrementAndGet() + left;
        });
        phase = Phase.ADDING;
        List<ItemId> named = selection.namedNamespaces().stream()
                .map(ObjectBackup::namespace)
                .toList();
        items.need(named);
        Additions.Source source = new Additions.Source(cluster, parts.lists(), listing);
        Additions additions = new Additions(source, parts.resources(), selection, items, findings, () -> canceled);
        additions.take(Set.copyOf(named));
        Set<ItemId> known = new HashSet<>(named);
        takeNamespaces(items, additions, known);
        running = null; // From here on plugins are told themselves to give up.
        if (!actions.pending().isEmpty()) {
            phase = Phase.WAITING;
            new Operations(actions, items, findings, () -> canceled).await();
            phase = Phase.ADDING;
            actions.finish(document(FINALIZING));
            additions.take(Set.of());
            takeNamespaces(items, additions, known);
        }
    }

    private byte[] document(BackupDocument.Phase at) {
        return BackupDocument.of(id, order, started, at);
    }

    /** Those of taken objects, each asked for once. */
    private static void takeNamespaces(Items items, Additions additions, Set<ItemId> known)
            throws BackupException, InterruptedException {
        List<ItemId> more = unknown(items, known);
        while (!more.isEmpty()) { // A namespace may bring objects of another one.
            items.need(more);
            additions.take(Set.of());
            more = unknown(items, known);
        }
    }

    private static List<ItemId> unknown(Items items, Set<ItemId> known) {
        return items.namespaces().stream()
                .map(ObjectBackup::namespace)
                .filter(known::add)
                .toList();
    }

    /** A list that is not found may be of a version that is served no more, while the objects are there in another. */
    private boolean gone(ApiResource resource) {
        try {
            return cluster.discovery().refreshed().resources().stream()
                    .noneMatch(now -> now.groupResource().equals(resource.groupResource()));
        } catch (KubeException e) {
            return false;
        }
    }

    /**
     * What says only which objects belong together is asked where labels choose objects: without labels they are taken
     * together anyway.
     */
    private List<ItemAction> actions(Plugins plugins) {
        List<ItemAction> actions = new ArrayList<>(plugins.itemActions());
        if (!order.selection().labels().isEmpty()) {
            actions.addAll(plugins.blockActions());
        }
        return actions;
    }

    /** A list of all namespaces also has those that are not selected. */
    private boolean selected(ItemId item) {
        return item.namespace().isEmpty()
                ? !item.groupResource().equals("namespaces")
                        || order.selection().takesNamespace(item.name())
                : order.selection().takesNamespace(item.namespace());
    }

    private static void requireFolder(Path file) throws BackupException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new BackupException(
                    Code.ARCHIVE,
                    "write archive " + file + ": there is no folder " + folder + " on the agent's node",
                    null);
        }
        if (Files.isDirectory(file)) {
            throw new BackupException(Code.ARCHIVE, "write archive " + file + ": that is a folder; name a file", null);
        }
    }

    private static ItemId namespace(String name) {
        return new ItemId("", "namespaces", "", name);
    }
}
