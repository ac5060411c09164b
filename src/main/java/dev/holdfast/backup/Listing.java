package dev.holdfast.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.kube.KubeException;
import dev.holdfast.plugin.ItemId;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Takes whole lists, in order, while the next ones are already being read. */
final class Listing {
    private static final int TRIES_MAX = 3;
    /** Lists in a row without an answer; then the server is taken to be down and is asked no more. */
    private static final int SILENT_MAX = 3;

    private final Lists lists;
    private final Items items;
    private final Findings findings;
    private final BooleanSupplier canceled;
    private int silent;

    Listing(Lists lists, Items items, Findings findings, BooleanSupplier canceled) {
        this.lists = lists;
        this.items = items;
        this.findings = findings;
        this.canceled = canceled;
    }

    /** Takes of each list what is {@code wanted}; {@code done} runs after each. */
    void take(Lists.Ahead ahead, Predicate<ItemId> wanted, Runnable done) throws BackupException, InterruptedException {
        while (ahead.left() > 0 && !canceled.getAsBoolean()) {
            take(ahead.next(), wanted);
            done.run();
            if (silent >= SILENT_MAX) {
                if (ahead.left() > 0) {
                    findings.failed(ahead.left() + " more lists: not taken, the API server does not answer any more");
                }
                return;
            }
        }
    }

    /** Takes of one list what is {@code wanted}. */
    void take(Lists.Query query, Predicate<ItemId> wanted) throws BackupException, InterruptedException {
        take(lists.ahead(List.of(query)), wanted, () -> {});
    }

    private void take(Lists.Started list, Predicate<ItemId> wanted) throws BackupException, InterruptedException {
        int tries = 1;
        while (true) {
            try (Page page = list.page()) {
                silent = 0;
                boolean more = !page.next().isEmpty();
                if (more) {
                    list.askBehind(page);
                }
                take(page, list.query(), wanted);
                if (!more || canceled.getAsBoolean()) {
                    return;
                }
            } catch (KubeException e) {
                if (e.code() != KubeException.Code.GONE || tries++ >= TRIES_MAX) {
                    failed(list.query(), e);
                    return;
                }
                list.askAgain();
            } catch (IOException e) {
                if (tries++ >= TRIES_MAX) {
                    findings.failed("list " + list.query() + ": the answer of the API server is not readable: "
                            + e.getMessage());
                    return;
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

    private void failed(Lists.Query query, KubeException e) {
        switch (e.code()) {
            case NOT_FOUND -> findings.skipped("list " + query + ": the resource is gone");
            case UNREACHABLE, WAITED_TOO_LONG -> {
                silent++;
                findings.failed("list " + query + ": " + e.getMessage());
            }
            default -> findings.failed("list " + query + ": " + e.getMessage());
        }
    }
}
