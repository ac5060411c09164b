package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.TargetDirectory;
import dev.holdfast.transfer.tree.TargetFile;
import java.io.IOException;

/** Makes one entry that is not a directory and not large, with its metadata. Doing it again replaces it. */
final class ItemWriter {
    private ItemWriter() {}

    static void write(TreeRestore.Item item, ChunkReader reader, Ledger ledger) throws TransferException {
        TargetDirectory target = item.folder().target;
        Entry entry = item.entry();
        try {
            switch (entry.node().type()) {
                case FILE -> file(target, entry, reader, ledger);
                case SYMLINK -> {
                    target.symlink(entry.name(), linkTarget(entry.node(), target.display(entry.name())));
                    target.apply(entry.name(), entry.node(), ledger);
                }
                case FIFO, SOCKET, CHAR, BLOCK -> {
                    if (target.special(entry.name(), entry.node(), ledger)) {
                        target.apply(entry.name(), entry.node(), ledger);
                    }
                }
                case DIRECTORY -> throw new IllegalStateException("directories are made by the walk");
            }
        } catch (IOException e) {
            throw Errors.target(target.display(entry.name()), e);
        }
    }

    private static void file(TargetDirectory target, Entry entry, ChunkReader reader, Ledger ledger)
            throws IOException, TransferException {
        try (TargetFile file = target.createFile(entry.name())) {
            if (entry.content() instanceof Content.Pieces(var pieces)) {
                if (pieces.isEmpty() || pieces.getLast().id() == null) {
                    file.truncate(entry.node().size());
                }
                TreeRestore.pieces(pieces, 0, file, reader, ledger);
            }
            file.apply(entry.node(), ledger);
        }
    }

    private static byte[] linkTarget(Node node, String path) throws TransferException {
        byte[] bytes = node.linkTarget();
        if (bytes == null) {
            throw new TransferException(
                    Code.REPOSITORY_DAMAGED, "restore " + path + ": a symbolic link without target in the repository");
        }
        return bytes;
    }
}
