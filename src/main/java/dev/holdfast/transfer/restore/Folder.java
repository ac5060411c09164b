package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.TargetDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A directory being filled. Its own metadata comes last, when everything in it is done: writing changes its times. */
final class Folder {
    final TargetDirectory target;
    final Node node;

    private final @Nullable Folder parent;
    private final byte[] name;
    private final Ledger ledger;
    private final AtomicInteger open = new AtomicInteger(1);

    Folder(TargetDirectory target, Node node, @Nullable Folder parent, byte[] name, Ledger ledger) {
        this.target = target;
        this.node = node;
        this.parent = parent;
        this.name = name;
        this.ledger = ledger;
        if (parent != null) {
            parent.hold();
        }
    }

    /** Something in it is not finished yet. */
    void hold() {
        open.incrementAndGet();
    }

    /** One thing in it is finished. */
    void release() throws TransferException {
        if (open.decrementAndGet() > 0) {
            return;
        }
        try (target) {
            target.applySelf(node, ledger);
        } catch (IOException e) {
            throw Errors.target(target.toString(), e);
        }
        ledger.filesDone.increment();
        if (parent != null) {
            parent.release();
        }
    }

    /** Names from the root of the target down to here. */
    List<byte[]> path() {
        List<byte[]> names = parent == null ? new ArrayList<>() : parent.path();
        if (parent != null) {
            names.add(name);
        }
        return names;
    }
}
