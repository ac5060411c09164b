package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.PackWriter;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.SourceDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A directory on its way into the repository. The walker reserves a slot for each name, in order; whoever finishes an
 * entry fills its slot; whoever fills the last slot of a page writes the page, and of the last page the directory's own
 * entry. So nothing waits, and only unfinished pages are held in memory.
 */
final class Folder {
    /** A page that would be larger is split, unless it is one entry. */
    private static final int PAGE_BYTES = 1 << 20;

    final SourceDirectory source;
    final byte[] key;

    private final Node node;
    private final byte[] name;
    private final Slot slot;

    /** The state below is guarded by this. */
    private final List<List<ChunkId>> pages = new ArrayList<>();

    private @Nullable Page current;
    private int open = 1;
    private long entries;
    private long bytes;

    Folder(SourceDirectory source, byte[] key, byte[] name, Node node, Slot slot) {
        this.source = source;
        this.key = key;
        this.name = name;
        this.node = node;
        this.slot = slot;
    }

    /** Where an entry goes when it is finished. */
    interface Slot {
        /** @param entry null when the source could not give it */
        void fill(@Nullable Entry entry, Crew.Member by) throws TransferException;
    }

    /** The place of the next name. Walker only. */
    synchronized Slot reserve() {
        if (current != null && current.slots.size() == Pages.ENTRIES_MAX) {
            throw new IllegalStateException("page is full: call turn() first");
        }
        if (current == null) {
            current = new Page(pages.size());
            pages.add(List.of());
            open++;
        }
        return current.reserve();
    }

    /** To be called before each {@link #reserve}: closes a full page. Walker only. */
    void turn(Crew.Member by) throws TransferException {
        @Nullable Page full = null;
        synchronized (this) {
            if (current != null && current.slots.size() == Pages.ENTRIES_MAX) {
                full = current;
                current = null;
            }
        }
        if (full != null) {
            full.release(by);
        }
    }

    /** No more names. Walker only. */
    void close(Crew.Member by) throws TransferException {
        @Nullable Page last;
        synchronized (this) {
            last = current;
            current = null;
        }
        if (last != null) {
            last.release(by);
        }
        release(by);
    }

    private void pageDone(int number, List<ChunkId> ids, Crew.Member by) throws TransferException {
        synchronized (this) {
            pages.set(number, ids);
        }
        release(by);
    }

    private void release(Crew.Member by) throws TransferException {
        synchronized (this) {
            if (--open > 0) {
                return;
            }
        }
        closeSource();
        List<ChunkId> ids = pages.stream().flatMap(List::stream).toList();
        slot.fill(new Entry(name, node, new Content.Directory(ids, entries, bytes), false), by);
    }

    private void closeSource() {
        try {
            source.close();
        } catch (IOException e) {
            // It was only read; what was read is complete.
        }
    }

    /** One page as a rule; long names, attributes or lists of regions make several of it. */
    private void write(List<Entry> finished, List<ChunkId> ids, Crew.Member by) throws TransferException {
        if (finished.isEmpty()) {
            return;
        }
        byte[] page = Pages.ofEntries(finished);
        if (page.length <= PAGE_BYTES || finished.size() == 1) {
            if (page.length > PackWriter.PAGE_MAX) {
                throw new TransferException(
                        TransferException.Code.SOURCE_UNREADABLE,
                        "back up " + source.display(finished.getFirst().name()) + ": its attributes take " + page.length
                                + " bytes, possible are " + PackWriter.PAGE_MAX + "; leave it out");
            }
            ids.add(by.metadata.keep(page));
            return;
        }
        int half = finished.size() / 2;
        write(finished.subList(0, half), ids, by);
        write(finished.subList(half, finished.size()), ids, by);
    }

    private synchronized void count(Entry entry) {
        switch (entry.content()) {
            case Content.Directory(var _, var below, var size) -> {
                entries += below + 1;
                bytes += size;
            }
            case Content.None _, Content.Pieces _, Content.Regions _ -> {
                entries++;
                bytes += entry.node().size();
            }
        }
    }

    /** Up to {@link Pages#ENTRIES_MAX} names. */
    private final class Page {
        private final int number;

        /** Guarded by the page. */
        private final List<@Nullable Entry> slots = new ArrayList<>();

        private int open = 1;

        Page(int number) {
            this.number = number;
        }

        synchronized Slot reserve() {
            int index = slots.size();
            slots.add(null);
            open++;
            return (entry, by) -> {
                synchronized (this) {
                    slots.set(index, entry);
                }
                if (entry != null) {
                    count(entry);
                }
                release(by);
            };
        }

        void release(Crew.Member by) throws TransferException {
            List<Entry> finished;
            synchronized (this) {
                if (--open > 0) {
                    return;
                }
                finished = slots.stream()
                        .filter(Objects::nonNull)
                        .map(Objects::requireNonNull)
                        .toList();
            }
            List<ChunkId> ids = new ArrayList<>(1);
            write(finished, ids, by);
            pageDone(number, ids, by);
        }
    }
}
