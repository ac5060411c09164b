package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkReader;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A directory as the parent snapshot knows it, read page by page beside the walk: both are in byte order of names, so
 * one step forward finds each name and one page is held.
 */
final class Reference {
    private final ChunkReader reader;
    private final Iterator<ChunkId> pages;
    private Iterator<Entry> entries = List.<Entry>of().iterator();
    private @Nullable Entry next;

    Reference(ChunkReader reader, @Nullable Entry directory) throws TransferException {
        this.reader = reader;
        this.pages = directory != null && directory.content() instanceof Content.Directory(var ids, var _, var _)
                ? ids.iterator()
                : List.<ChunkId>of().iterator();
        advance();
    }

    /** The entry of this name, or null. Names must be asked for in ascending order. */
    @Nullable
    Entry find(byte[] name) throws TransferException {
        while (next != null && Arrays.compareUnsigned(next.name(), name) < 0) {
            advance();
        }
        return next != null && Arrays.equals(next.name(), name) ? next : null;
    }

    private void advance() throws TransferException {
        while (!entries.hasNext() && pages.hasNext()) {
            ChunkId id = pages.next();
            entries = Pages.entries(reader.read(id), id).iterator();
        }
        next = entries.hasNext() ? entries.next() : null;
    }
}
