package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Decoder;
import dev.holdfast.transfer.catalog.Encoder;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.catalog.Piece;
import dev.holdfast.transfer.catalog.RecordKey;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.PackWriter;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.SourceFile;
import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A file too large for a bundle. It is cut into regions; each is a task of its own and is recorded by itself, and
 * whoever finishes the last region finishes the file.
 */
final class LargeFile {
    /** So that the list of its regions fits in a page, beside its attributes: 124 TiB. */
    static final long BYTES_MAX = (PackWriter.PAGE_MAX - (2L << 20)) / ChunkId.LENGTH * Content.REGION;

    /** A file with more pieces than this has them in pages of their own, so that pages of entries stay small. */
    private static final int PIECES_INLINE_MAX = 64;

    private final Folder folder;
    private final byte[] name;
    private final Node node;
    private final Folder.Slot slot;

    /** Pieces of each region, or the page that holds them; a region's cell is written by the one who finishes it. */
    private final @Nullable List<Piece>[] pieces;

    private final @Nullable ChunkId[] pages;
    private final AtomicInteger open;
    private volatile boolean missing;
    private volatile boolean racy;

    LargeFile(Folder folder, byte[] name, Node node, Folder.Slot slot) {
        this.folder = folder;
        this.name = name;
        this.node = node;
        this.slot = slot;
        int regions = (int) Math.max(1, (node.size() + Content.REGION - 1) / Content.REGION);
        this.pieces = newLists(regions);
        this.pages = new ChunkId[regions];
        this.open = new AtomicInteger(regions);
    }

    @SuppressWarnings("unchecked")
    private static @Nullable List<Piece>[] newLists(int count) {
        return (@Nullable List<Piece>[]) new List<?>[count];
    }

    int regions() {
        return pages.length;
    }

    byte[] key(Crew.Member by, int region) {
        return RecordKey.region(by.hasher, folder.key, name, node, region);
    }

    /** Takes over what an earlier attempt recorded of a region, if all of it is still there. */
    boolean recorded(int region, byte[] payload, Holdings holdings, Counters counters) throws TransferException {
        Decoder in = new Decoder(payload, "record of " + folder.source.display(name));
        boolean whole;
        if (in.count(1) == 1) {
            ChunkId page = in.id();
            whole = holdings.whole(page);
            pages[region] = whole ? page : null;
        } else {
            List<Piece> found = Pages.pieces(in);
            whole = holdings.all(found);
            pieces[region] = whole ? found : null;
        }
        if (whole) {
            counters.bytesDone.add(length(region));
        }
        return whole;
    }

    /** @param again whether an earlier attempt had finished this region, and it is read once more as a check */
    Crew.Task task(int region, boolean again) {
        return worker -> {
            read(worker, region, again);
            finish(worker.member, worker.crew.counters);
        };
    }

    /** All regions, by one worker. */
    void whole(Worker worker) throws TransferException {
        for (int region = 0; region < regions(); region++) {
            task(region, false).run(worker);
        }
    }

    private void read(Worker worker, int region, boolean again) throws TransferException {
        boolean racyNow = Racy.is(node);
        if (racyNow) {
            racy = true;
        }
        try (SourceFile source = folder.source.openFile(name)) {
            source.sequential();
            long start = region * Content.REGION;
            List<Piece> found =
                    new RegionReader(worker, source, worker.chunker, again).read(start, start + length(region));
            source.dontNeed(start, length(region));
            keep(worker.member, region, found, !racyNow && Entry.sameSignature(node, source.stat()));
        } catch (IOException e) {
            missing = true;
            Problems.unreadable(worker.crew.counters, folder.source.display(name), e);
        }
    }

    private void keep(Crew.Member by, int region, List<Piece> found, boolean recordable) throws TransferException {
        Encoder record = new Encoder();
        if (found.size() > PIECES_INLINE_MAX || regions() > 1) {
            ChunkId page = by.metadata.write(Pages.ofPieces(found));
            pages[region] = page;
            record.number(1).id(page);
        } else {
            pieces[region] = found;
            Pages.pieces(record.number(0), found);
        }
        if (recordable) {
            by.writer.record(key(by, region), record.bytes());
        }
    }

    /** One region less to do; the last one makes the entry. */
    void finish(Crew.Member by, Counters counters) throws TransferException {
        if (open.decrementAndGet() > 0) {
            return;
        }
        if (missing) {
            slot.fill(null, by);
            return;
        }
        boolean steady = steady(counters);
        Node described;
        try {
            described = folder.source.describe(name, node, counters);
        } catch (IOException e) {
            Problems.unreadable(counters, folder.source.display(name), e);
            slot.fill(null, by);
            return;
        }
        counters.filesDone.increment();
        slot.fill(new Entry(name, described, content(), !steady || racy), by);
    }

    private boolean steady(Counters counters) {
        try {
            if (Entry.sameSignature(node, folder.source.stat(name))) {
                return true;
            }
        } catch (IOException e) {
            // Removed meanwhile: what was read is still a state the file had.
        }
        counters.warn(
                Kind.CHANGED,
                "read " + folder.source.display(name) + ": it changes while it is read; taken as it was found");
        return false;
    }

    private Content content() {
        @Nullable List<Piece> inline = pieces[0];
        if (regions() == 1 && inline != null) {
            return new Content.Pieces(inline);
        }
        return new Content.Regions(
                Arrays.stream(pages).map(java.util.Objects::requireNonNull).toList());
    }

    private long length(int region) {
        return Math.min(Content.REGION, node.size() - region * Content.REGION);
    }
}
