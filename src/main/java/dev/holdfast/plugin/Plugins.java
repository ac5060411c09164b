package dev.holdfast.plugin;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * The plugins of one backup: all executables are started together, asked what they offer and which objects they want,
 * and end together. What does not start is missing from the actions and has a line in the troubles.
 */
public final class Plugins implements Closeable {
    private final List<PluginHost> hosts;
    private final List<ItemAction> itemActions = new ArrayList<>();
    private final List<ItemAction> blockActions = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private Plugins(List<PluginHost> hosts) {
        this.hosts = List.copyOf(hosts);
    }

    /** What one executable has for us. */
    private record Found(
            List<ItemAction> itemActions, List<ItemAction> blockActions, List<String> skipped, List<String> troubles) {}

    /** Starts them with sockets among the temporary files. */
    public static Plugins start(List<PluginCommand> commands, PluginLimits limits, Consumer<String> log)
            throws InterruptedException {
        return start(commands, limits, Path.of(System.getProperty("java.io.tmpdir")), log);
    }

    /**
     * Starts them.
     *
     * @param sockets folder for their sockets; of one agent alone
     * @param log takes the plugins' logs line by line, from several threads
     */
    public static Plugins start(List<PluginCommand> commands, PluginLimits limits, Path sockets, Consumer<String> log)
            throws InterruptedException {
        PluginSockets places = new PluginSockets(sockets);
        Plugins plugins = new Plugins(commands.stream()
                .map(command -> new PluginHost(
                        command,
                        limits,
                        places,
                        InstantSource.system(),
                        line -> log.accept(command.name() + ": " + line)))
                .toList());
        try {
            plugins.discover();
            return plugins;
        } catch (InterruptedException | RuntimeException e) {
            plugins.close();
            throw e;
        }
    }

    /**
     * Removes what is left of the sockets of plugins whose agent was killed, and begins to end their processes: to look
     * at all processes of a node takes too long for a start to wait for.
     *
     * @param sockets folder that nobody uses yet
     */
    public static void endLeft(Path sockets) throws IOException {
        PluginSockets.empty(sockets);
        Thread.ofPlatform().daemon().name("plugin-orphans").start(Offspring::endOrphans);
    }

    /** Those that see each object, in the order of their names. */
    public List<ItemAction> itemActions() {
        return List.copyOf(itemActions);
    }

    /** Those that say which objects belong together, in the order of their names. */
    public List<ItemAction> blockActions() {
        return List.copyOf(blockActions);
    }

    /** One line for each executable or action that cannot be used though it should. */
    public List<String> troubles() {
        return List.copyOf(troubles);
    }

    /** One line for each executable that offers more than a backup of objects needs. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    @Override
    public void close() {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            hosts.forEach(host -> threads.execute(host::close));
        }
    }

    private void discover() throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Found>> all = new ArrayList<>();
            for (PluginHost host : hosts) {
                Callable<Found> task = () -> ask(host);
                all.add(threads.submit(task));
            }
            try {
                take(all);
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw e;
            }
        }
        itemActions.sort(Comparator.comparing(ItemAction::name));
        blockActions.sort(Comparator.comparing(ItemAction::name));
    }

    private void take(List<Future<Found>> all) throws InterruptedException {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < hosts.size(); i++) {
            try {
                take(hosts.get(i), all.get(i).get(), names);
            } catch (ExecutionException e) {
                Throwable why = e.getCause() == null ? e : e.getCause();
                troubles.add(String.valueOf(why.getMessage()));
            }
        }
    }

    private void take(PluginHost host, Found found, Set<String> names) {
        for (ItemAction action : found.itemActions()) {
            if (names.add(action.name())) {
                itemActions.add(action);
            } else {
                troubles.add("plugin " + host.name() + ": " + action.name()
                        + " is offered by another executable as well, which comes first; remove one of them");
            }
        }
        blockActions.addAll(found.blockActions());
        troubles.addAll(found.troubles());
        if (!found.skipped().isEmpty()) {
            notes.add("plugin " + host.name() + ": not needed for a backup of objects: "
                    + String.join(", ", found.skipped()));
        }
    }

    private static Found ask(PluginHost host) throws PluginException, InterruptedException {
        Found found = new Found(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (Offer offer : host.offers()) {
            String name = PluginLog.printable(offer.name());
            Optional<ActionKind> kind = ActionKind.of(offer.kind());
            if (kind.isEmpty()) {
                found.skipped().add(PluginLog.printable(offer.kind()) + " " + name);
                continue;
            }
            try {
                ItemAction action = host.action(kind.get(), offer.name());
                (kind.get() == ActionKind.ITEM_BLOCK ? found.blockActions() : found.itemActions()).add(action);
            } catch (PluginException e) {
                if (e.code() != PluginException.Code.REFUSED) {
                    throw e; // Its process is not well: the others would fare no better.
                }
                found.troubles().add(name + " is done without: " + e.getMessage());
            }
        }
        return found;
    }
}
