package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.TargetDirectory;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A directory being filled. Its own metadata comes last, when everything in it is done: writing changes its times. */
final class Folder {
    final TargetDirectory target;
    final Node node;

    final @Nullable Folder parent;
    final byte[] name;

    /** Where {@link HardLinks} has noted it; negative if it has not. */
    long place = -1;

    private final Ledger ledger;
    private final AtomicInteger open = new AtomicInteger(1);

    /** Those of the whole restore that are not finished. */
    private final Set<Folder> unfinished;

    /** Set by the walk before it lets go of the folder. */
    private boolean linked;

    Folder(TargetDirectory target, Node node, @Nullable Folder parent, byte[] name, Ledger ledger) {
        this.target = target;
        this.node = node;
        this.parent = parent;
        this.name = name;
        this.ledger = ledger;
        if (parent != null) {
            parent.hold();
        }
        this.unfinished = parent == null ? ConcurrentHashMap.newKeySet() : parent.unfinished;
        unfinished.add(this);
    }

    /** Hard links are still to be made in it: only then comes its metadata, which may forbid that. */
    void awaitLinks() {
        linked = true;
    }

    /** For the walk. */
    boolean awaitsLinks() {
        return linked;
    }

    /** Something in it is not finished yet. */
    void hold() {
        open.incrementAndGet();
    }

    /** One thing in it is finished, and with it perhaps the folder, and the one above. */
    void release() throws TransferException {
        for (Folder at = this; at != null && at.open.decrementAndGet() == 0; at = at.parent) {
            at.finish();
        }
    }

    private void finish() throws TransferException {
        unfinished.remove(this);
        try (target) {
            if (!linked) {
                target.applySelf(node, ledger);
            }
        } catch (IOException e) {
            throw Errors.target(target.toString(), e);
        }
        ledger.filesDone.increment();
    }

    /** Closes what a stop has left open. Nobody works on the tree any more. */
    void abandon() {
        for (Folder folder : unfinished) {
            try {
                folder.target.close();
            } catch (IOException e) {
                // The next attempt makes it good, whatever it is.
            }
        }
    }
}
