package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Piece;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.TargetDirectory;
import dev.holdfast.transfer.tree.TargetFile;
import dev.holdfast.transfer.tree.WarningSink;
import java.io.IOException;

/**
 * Makes one entry that is not a directory and not large, with its metadata. Doing it again replaces it. Waits for what
 * it writes as long as the rate limit says, but not for a crew that is to stop.
 */
final class ItemWriter {
    private ItemWriter() {}

    static void write(TreeRestore.Item item, ChunkReader reader, Ledger ledger, WarningSink sink, Crew crew)
            throws TransferException {
        TargetDirectory target = item.folder().target;
        Entry entry = item.entry();
        try {
            switch (entry.node().type()) {
                case FILE -> file(item, reader, ledger, sink, crew);
                case SYMLINK -> {
                    target.symlink(entry.name(), linkTarget(entry.node(), target.display(entry.name())));
                    target.apply(entry.name(), entry.node(), sink);
                }
                case FIFO, SOCKET, CHAR, BLOCK -> {
                    if (target.special(entry.name(), entry.node(), sink)) {
                        target.apply(entry.name(), entry.node(), sink);
                    }
                }
                case DIRECTORY -> throw new IllegalStateException("directories are made by the walk");
            }
        } catch (IOException e) {
            throw Errors.target(target.display(entry.name()), e);
        }
    }

    private static void file(TreeRestore.Item item, ChunkReader reader, Ledger ledger, WarningSink sink, Crew crew)
            throws IOException, TransferException {
        Entry entry = item.entry();
        try (TargetFile file = item.folder().target.createFile(entry.name())) {
            if (entry.content() instanceof Content.Pieces(var pieces)) {
                if (pieces.isEmpty() || pieces.getLast().id() == null) {
                    file.truncate(entry.node().size());
                }
                long position = 0;
                for (Piece piece : pieces) {
                    if (piece.id() != null) {
                        crew.spend(piece.length());
                    }
                    TreeRestore.piece(piece, position, file, reader, ledger);
                    position += piece.length();
                }
            }
            file.apply(entry.node(), sink);
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
