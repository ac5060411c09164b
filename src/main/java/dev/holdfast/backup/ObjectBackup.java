package dev.holdfast.backup;

import dev.holdfast.backup.BackupException.Code;
import dev.holdfast.backup.BackupProgress.Phase;
import dev.holdfast.backup.archive.ArchiveWriter;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.Cluster;
import dev.holdfast.kube.DiscoverySnapshot;
import dev.holdfast.kube.KubeException;
import dev.holdfast.linux.Reason;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.ItemId;
import dev.holdfast.plugin.Operation;
import dev.holdfast.plugin.PluginException;
import dev.holdfast.plugin.Plugins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One backup of objects, from discovery to a durable archive. One thread runs it; {@link #progress} and {@link #cancel}
 * come from others.
 */
final class ObjectBackup {
    /** From here on, one list of all namespaces is cheaper than one list for each. */
    private static final int NAMESPACES_EACH_MAX = 4;

    private static final Duration OPERATIONS_MAX = Duration.ofMinutes(30);
    private static final long OPERATION_POLL_MILLIS = 500;

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

    /** Ends it soon, without an archive, also in the middle of a question to a plugin. */
    void cancel() {
        canceled = true;
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
     */
    BackupReport run(Path file, boolean compressed) throws BackupException, InterruptedException {
        requireGoing();
        long begun = System.nanoTime();
        DiscoverySnapshot discovery = discover();
        Map<String, ApiResource> resources = new LinkedHashMap<>();
        discovery.resources().stream()
                .filter(ApiResource::preferred)
                .forEach(resource -> resources.put(resource.groupResource(), resource));
        long bytes;
        try (ArchiveWriter archive = archive(file, compressed);
                Lists lists = new Lists(cluster, spool, findings);
                PluginSupply.Opened opened = supply.open()) {
            opened.troubles().forEach(findings::failed);
            // The first lists arrive while the plugins start.
            Lists.Ahead ahead = lists.ahead(queries(discovery, resources));
            resourcesTotal = ahead.left();
            try (Plugins plugins = Plugins.start(opened.commands(), supply.limits(), pluginLog)) {
                running = plugins;
                plugins.troubles().forEach(findings::failed);
                plugins.notes().forEach(findings::note);
                take(resources, lists, ahead, plugins, archive);
            }
            requireGoing();
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
                Duration.ofNanos(System.nanoTime() - begun),
                file.toString());
    }

    private DiscoverySnapshot discover() throws BackupException {
        try {
            DiscoverySnapshot discovery = cluster.discovery().snapshot();
            List<String> problems = order.selection().problems(discovery);
            if (!problems.isEmpty()) {
                // Perhaps it is there since a moment ago.
                discovery = cluster.discovery().refreshed();
                problems = order.selection().problems(discovery);
            }
            if (!problems.isEmpty()) {
                throw new BackupException(Code.ORDER, String.join("; ", problems), null);
            }
            for (String stale : discovery.staleGroupVersions()) {
                findings.note("API " + stale + ": its server does not answer; what was known of it before is used");
            }
            return discovery;
        } catch (KubeException e) {
            throw new BackupException(Code.CLUSTER, "read which resources there are: " + e.getMessage(), e);
        }
    }

    private void take(
            Map<String, ApiResource> resources, Lists lists, Lists.Ahead ahead, Plugins plugins, ArchiveWriter archive)
            throws BackupException, InterruptedException {
        ObjectSelection selection = order.selection();
        ItemActions actions = new ItemActions(actions(plugins), BackupDocument.of(id, order, started), findings);
        Items items = new Items(actions, archive, findings);
        Listing listing = new Listing(lists, items, findings, () -> canceled);
        phase = Phase.LISTING;
        listing.take(ahead, this::selected, resourcesDone::incrementAndGet);
        phase = Phase.ADDING;
        List<ItemId> named = selection.namedNamespaces().stream()
                .map(ObjectBackup::namespace)
                .toList();
        items.need(named);
        Additions additions = new Additions(cluster, resources, selection, items, listing, findings, () -> canceled);
        additions.take(Set.copyOf(named));
        items.need(items.namespaces().stream().map(ObjectBackup::namespace).toList());
        additions.take(Set.of());
        running = null; // From here on plugins are told themselves to give up.
        awaitOperations(actions, items);
        additions.take(Set.of());
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

    private List<Lists.Query> queries(DiscoverySnapshot discovery, Map<String, ApiResource> resources) {
        ObjectSelection selection = order.selection();
        List<Lists.Query> queries = new ArrayList<>();
        ApiResource namespaces = resources.get("namespaces");
        List<String> named = selection.namedNamespaces();
        if (named.isEmpty() && namespaces != null) {
            queries.add(new Lists.Query(namespaces, "", selection.labels()));
        }
        for (ApiResource resource : ResourceOrder.of(discovery.resources(), selection)) {
            List<String> each = resource.namespaced() && !named.isEmpty() && named.size() <= NAMESPACES_EACH_MAX
                    ? named
                    : List.of("");
            each.forEach(namespace -> queries.add(new Lists.Query(resource, namespace, selection.labels())));
        }
        return queries;
    }

    /** A list of all namespaces also has those that are not selected. */
    private boolean selected(ItemId item) {
        return item.namespace().isEmpty()
                ? !item.groupResource().equals("namespaces")
                        || order.selection().takesNamespace(item.name())
                : order.selection().takesNamespace(item.namespace());
    }

    /** Plugins may go on working after their answer; what is to be taken after that waits for it. */
    private void awaitOperations(ItemActions actions, Items items) throws InterruptedException {
        List<ItemActions.Pending> open = new ArrayList<>(actions.pending());
        if (open.isEmpty()) {
            return;
        }
        phase = Phase.WAITING;
        long end = System.nanoTime() + OPERATIONS_MAX.toNanos();
        while (!open.isEmpty() && !canceled && System.nanoTime() < end) {
            open.removeIf(pending -> over(pending, actions, items));
            if (!open.isEmpty()) {
                Thread.sleep(OPERATION_POLL_MILLIS);
            }
        }
        for (ItemActions.Pending pending : open) {
            findings.failed(pending.item() + ": plugin " + pending.action().name() + " has not finished operation "
                    + pending.operation() + " within " + OPERATIONS_MAX.toMinutes() + " min; it was canceled");
            try {
                pending.action().cancel(pending.operation(), actions.backup());
            } catch (PluginException e) {
                findings.failed(pending.item() + ": cancel operation " + pending.operation() + ": " + e.getMessage());
            }
        }
    }

    private boolean over(ItemActions.Pending pending, ItemActions actions, Items items) {
        try {
            Operation operation = pending.action().progress(pending.operation(), actions.backup());
            if (!operation.error().isEmpty()) {
                findings.failed(pending.item() + ": plugin " + pending.action().name() + ", operation "
                        + pending.operation() + ": " + operation.error());
            }
            if (operation.completed()) {
                items.takeAgain(pending.afterwards());
            }
            return operation.completed();
        } catch (PluginException e) {
            findings.failed(pending.item() + ": operation " + pending.operation() + ": " + e.getMessage());
            return true;
        }
    }

    private ArchiveWriter archive(Path file, boolean compressed) throws BackupException, IOException {
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
        return new ArchiveWriter(file, compressed, started);
    }

    private void requireGoing() throws BackupException {
        if (canceled) {
            throw new BackupException(Code.CANCELED, "canceled; no archive was left", null);
        }
    }

    private static ItemId namespace(String name) {
        return new ItemId("", "namespaces", "", name);
    }
}
