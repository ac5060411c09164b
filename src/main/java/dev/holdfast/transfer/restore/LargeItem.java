package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Piece;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.tree.TargetDirectory;
import dev.holdfast.transfer.tree.TargetFile;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A file whose regions are written by different workers; the last one gives it its metadata. */
final class LargeItem {
    private final TreeRestore.Item item;
    private final AtomicInteger open;

    LargeItem(TreeRestore.Item item, int regions) {
        this.item = item;
        this.open = new AtomicInteger(regions);
    }

    TreeRestore.Item item() {
        return item;
    }

    /** @param begun whether an earlier attempt has written some of its regions, and perhaps closed it already */
    void prepare(boolean begun) throws TransferException {
        if (begun) {
            try {
                target().makeWritable(name());
            } catch (IOException e) {
                throw Errors.target(target().display(name()), e);
            }
            return;
        }
        try (TargetFile file = target().createFile(name())) {
            file.truncate(item.entry().node().size());
        } catch (IOException e) {
            throw Errors.target(target().display(name()), e);
        }
    }

    /** False when the crew was told to stop in between. */
    boolean write(List<Piece> pieces, long start, ChunkReader reader, Ledger ledger, Crew crew)
            throws TransferException {
        long position = start;
        try (TargetFile file = target().openFile(name())) {
            for (Piece piece : pieces) {
                if (!crew.spend(piece.id() == null ? 0 : piece.length())) {
                    return false;
                }
                TreeRestore.piece(piece, position, file, reader, ledger);
                position += piece.length();
                ledger.bytesDone.add(piece.length());
            }
            return true;
        } catch (IOException e) {
            throw Errors.target(target().display(name()), e);
        }
    }

    /** One region less; true when that was the last. */
    boolean regionDone(Ledger ledger) throws TransferException {
        if (open.decrementAndGet() > 0) {
            return false;
        }
        Entry entry = item.entry();
        try {
            target().apply(entry.name(), entry.node(), ledger);
        } catch (IOException e) {
            throw Errors.target(target().display(name()), e);
        }
        return true;
    }

    private TargetDirectory target() {
        return item.folder().target;
    }

    private byte[] name() {
        return item.entry().name();
    }
}
