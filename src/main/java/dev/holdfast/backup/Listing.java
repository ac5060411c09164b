package dev.holdfast.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.KubeException;
import dev.holdfast.kube.KubeException.Code;
import dev.holdfast.plugin.ItemId;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Takes whole lists, in order, while the next ones are already being read. */
final class Listing {
    private static final int TRIES_MAX = 3;
    /** Lists in a row without an answer; then it is asked whether the server answers at all. */
    private static final int SILENT_MAX = 3;

    private final Lists lists;
    private final Items items;
    private final Findings findings;
    private final BooleanSupplier canceled;
    private final Predicate<ApiResource> gone;
    private int silent;
    private final Map<String, Integer> silentOfGroup = new HashMap<>();

    /**
     * Why a list was not read to its end.
     *
     * @param code null if there was an answer that is of no use
     */
    private record Trouble(@Nullable Code code, String message) {}

    /** How a list ended. */
    enum End {
        /** All of it was seen: what was not in it does not exist. */
        READ,
        /** The server does not show this list to us. */
        FORBIDDEN,
        FAILED
    }

    /** @param gone asks whether the cluster no longer has a resource, in whatever version */
    Listing(Lists lists, Items items, Findings findings, BooleanSupplier canceled, Predicate<ApiResource> gone) {
        this.lists = lists;
        this.items = items;
        this.findings = findings;
        this.canceled = canceled;
        this.gone = gone;
    }

    /**
     * Takes of each list what is {@code wanted}.
     *
     * @param namespaces the only ones that are asked for, or none: the way out where all of them may not be listed
     * @param left is told after each list how many there are still
     */
    void take(Lists.Ahead ahead, Predicate<ItemId> wanted, List<String> namespaces, IntConsumer left)
            throws BackupException, InterruptedException {
        boolean wide = false;
        while (ahead.left() > 0 && !canceled.getAsBoolean()) {
            Lists.Started list = ahead.next();
            Lists.Query query = list.query();
            Optional<Trouble> trouble = take(list, wanted);
            if (query.ofAll() && trouble.isEmpty()) {
                wide = true;
            }
            if (query.ofAll()
                    && !namespaces.isEmpty()
                    && trouble.map(Trouble::code).orElse(null) == Code.FORBIDDEN) {
                // Rights that are given namespace by namespace are the same for the next resource.
                ahead.split(query, namespaces, !wide);
            } else {
                trouble.ifPresent(it -> failed(query, it));
            }
            goOn(query, trouble.map(Trouble::code), ahead);
            left.accept(ahead.left());
        }
    }

    /** Takes of one list what is {@code wanted}; a list that is forbidden is no failure yet. */
    End take(Lists.Query query, Predicate<ItemId> wanted) throws BackupException, InterruptedException {
        Optional<Trouble> trouble = take(lists.ahead(List.of(query)).next(), wanted);
        if (trouble.isEmpty()) {
            return End.READ;
        }
        if (trouble.get().code() == Code.FORBIDDEN) {
            return End.FORBIDDEN;
        }
        failed(query, trouble.get());
        return End.FAILED;
    }

    private Optional<Trouble> take(Lists.Started list, Predicate<ItemId> wanted)
            throws BackupException, InterruptedException {
        int tries = 1;
        long met = findings.met();
        while (true) {
            try (Page page = list.page()) {
                boolean more = !page.next().isEmpty();
                if (more) {
                    list.askBehind(page);
                }
                take(page, list.query(), wanted);
                if (canceled.getAsBoolean()) {
                    return Optional.of(new Trouble(null, "canceled"));
                }
                if (!more) {
                    return Optional.empty();
                }
            } catch (KubeException e) {
                if (findings.met() > met) { // Slow plugins outlive what a list goes on with; it gets on all the same.
                    met = findings.met();
                    tries = 1;
                }
                if (e.code() != Code.GONE || tries++ >= TRIES_MAX) {
                    return Optional.of(new Trouble(e.code(), String.valueOf(e.getMessage())));
                }
                list.askAgain();
            } catch (Spool.NoRoom e) {
                list.drop();
                return Optional.of(new Trouble(null, String.valueOf(e.getMessage())));
            } catch (IOException e) {
                if (tries++ >= TRIES_MAX) {
                    list.drop();
                    return Optional.of(
                            new Trouble(null, "the answer of the API server is not readable: " + e.getMessage()));
                }
                list.askAgain(); // From the start: what was taken before is not taken again.
            }
        }
    }

    private void take(Page page, Lists.Query query, Predicate<ItemId> wanted) throws IOException, BackupException {
        try (PageItems pageItems = new PageItems(page, query.resource())) {
            for (ObjectNode item = pageItems.next(); item != null; item = pageItems.next()) {
                if (canceled.getAsBoolean()) {
                    return;
                }
                if (wanted.test(Items.id(query.resource(), item))) {
                    items.take(query.resource(), item);
                }
            }
        }
    }

    private void failed(Lists.Query query, Trouble trouble) {
        if (trouble.code() == Code.NOT_FOUND && gone.test(query.resource())) {
            findings.skipped("list " + query + ": the resource is gone");
        } else if (!canceled.getAsBoolean()) {
            findings.failed("list " + query + ": " + trouble.message());
        }
    }

    /** A server behind one API may be silent for itself; only when nobody answers nobody is asked any more. */
    private void goOn(Lists.Query query, Optional<Code> trouble, Lists.Ahead ahead) {
        String group = query.resource().group();
        if (trouble.filter(code -> code == Code.WAITED_TOO_LONG).isPresent()) {
            return; // It was our own gate.
        }
        if (trouble.filter(code -> code == Code.UNREACHABLE).isEmpty()) {
            silent = 0;
            silentOfGroup.remove(group);
            return;
        }
        silent++;
        boolean groupIsSilent = silentOfGroup.merge(group, 1, Integer::sum) >= SILENT_MAX;
        if (ahead.left() == 0 || canceled.getAsBoolean() || (!groupIsSilent && silent < SILENT_MAX)) {
            return;
        }
        silent = 0;
        if (!lists.answered()) {
            drop(ahead, "the API server does not answer any more", _ -> true);
        } else if (groupIsSilent) {
            drop(
                    ahead,
                    "the server of " + (group.isEmpty() ? "the core group" : group) + " does not answer",
                    it -> it.resource().group().equals(group));
        }
    }

    private void drop(Lists.Ahead ahead, String why, Predicate<Lists.Query> unwanted) {
        int dropped = ahead.drop(unwanted);
        if (dropped > 0) {
            findings.failed(dropped + " more lists: not taken, " + why);
        }
    }
}
