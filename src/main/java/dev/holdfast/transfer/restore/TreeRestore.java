package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.catalog.Piece;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.repository.ChunkReader.Chunk;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.TargetDirectory;
import dev.holdfast.transfer.tree.TargetFile;
import dev.holdfast.transfer.tree.WarningSink;
import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks a snapshot and restores it below a directory. The walk is the same at every attempt, so the n-th task is the
 * same too. Consecutive small entries form one task, which keeps chunks of one frame with one reader.
 */
final class TreeRestore implements Closeable {
    private static final long BATCH_BYTES = 1 << 20;
    private static final int BATCH_ENTRIES = 256;
    private static final int BATCH_FOLDERS = 48;

    private final Crew crew;
    private final Journal journal;
    private final Ledger ledger;
    private final ChunkReader reader;

    private final HardLinks links;
    private @Nullable Folder top;
    private List<Item> batch = new ArrayList<>();
    private long batchBytes;
    private int batchFolders;
    private int tasks;

    /** An entry that is not a directory, and where it goes. */
    record Item(Folder folder, Entry entry) {}

    TreeRestore(Crew crew, Journal journal, Ledger ledger, ChunkReader reader, Path scratch) {
        this.crew = crew;
        this.journal = journal;
        this.ledger = ledger;
        this.reader = reader;
        this.links = new HardLinks(scratch, ledger);
    }

    /** Hands out everything below {@code root}; returns early when the crew stops. */
    void walk(Entry root, TargetDirectory target) throws TransferException, InterruptedException {
        Folder folder = new Folder(again(target), root.node(), null, root.name(), ledger);
        top = folder;
        walk(folder, root);
        flush();
    }

    /** Lets go of everything, once nobody works any more. */
    @Override
    public void close() {
        crew.close();
        links.close();
        if (top != null) {
            top.abandon();
        }
    }

    /** Makes the hard links, once all files are there. */
    void link(TargetDirectory root) throws TransferException {
        links.make(root, crew);
    }

    private void walk(Folder folder, Entry directory) throws TransferException, InterruptedException {
        if (!(directory.content() instanceof Content.Directory(var pages, var _, var _))) {
            throw new TransferException(
                    Code.REPOSITORY_DAMAGED, "restore: a directory without content; run \"holdfast verify --full\"");
        }
        byte[] before = new byte[0];
        for (ChunkId page : pages) {
            for (Entry entry : Pages.entries(reader.read(page), page)) {
                if (crew.halting()) {
                    return;
                }
                requireOrder(folder, before, entry.name());
                visit(folder, entry);
                before = entry.name();
            }
        }
        links.leave(folder);
        folder.release();
    }

    /** Names come in their order, so none comes twice: a second one could replace the first. */
    private static void requireOrder(Folder folder, byte[] before, byte[] name) throws TransferException {
        if (before.length > 0 && Arrays.compareUnsigned(before, name) >= 0) {
            throw new TransferException(
                    Code.HOSTILE_ARCHIVE,
                    "restore " + folder.target.display(name) + ": the name comes twice in the directory, or out of"
                            + " order; the repository holds a forged or damaged tree, nothing more of it was restored");
        }
    }

    private void visit(Folder folder, Entry entry) throws TransferException, InterruptedException {
        if (entry.node().type() == Node.Type.DIRECTORY) {
            TargetDirectory target;
            try {
                target = folder.target.makeDirectory(entry.name());
            } catch (IOException e) {
                throw Errors.target(folder.target.display(entry.name()), e);
            }
            walk(new Folder(target, entry.node(), folder, entry.name(), ledger), entry);
        } else if (!links.takes(folder, entry)) {
            folder.hold();
            Item item = new Item(folder, entry);
            if (entry.content() instanceof Content.Regions(var pages)) {
                flush();
                large(item, pages);
            } else {
                small(item);
            }
        }
    }

    private void small(Item item) throws TransferException, InterruptedException {
        boolean other = batch.isEmpty() || batch.getLast().folder() != item.folder();
        if (batchBytes >= BATCH_BYTES || batch.size() >= BATCH_ENTRIES || (other && batchFolders >= BATCH_FOLDERS)) {
            flush();
            other = true;
        }
        batch.add(item);
        batchBytes += item.entry().node().size();
        batchFolders += other ? 1 : 0;
    }

    private void flush() throws TransferException, InterruptedException {
        if (batch.isEmpty()) {
            return;
        }
        List<Item> full = batch;
        batch = new ArrayList<>();
        batchBytes = 0;
        batchFolders = 0;
        int number = tasks++;
        if (journal.isDone(number)) {
            for (Item item : full) {
                finished(item);
            }
            return;
        }
        crew.submit(reader -> {
            if (crew.halting()) {
                return;
            }
            Map<Kind, Long> warnings = new EnumMap<>(Kind.class);
            WarningSink sink = (kind, message) -> {
                warnings.merge(kind, 1L, Long::sum);
                ledger.warn(kind, message);
            };
            for (Item item : full) { // What is begun is finished, so that no attempt writes it again.
                ItemWriter.write(item, reader, ledger, sink, crew);
            }
            note(number, warnings, full.getFirst());
            for (Item item : full) {
                finished(item);
            }
        });
    }

    private void large(Item item, List<ChunkId> pages) throws TransferException, InterruptedException {
        int first = tasks;
        tasks += pages.size();
        LargeItem large = new LargeItem(item, pages.size());
        boolean begun = false;
        for (int region = 0; region < pages.size(); region++) {
            begun |= journal.isDone(first + region);
        }
        large.prepare(begun);
        for (int region = 0; region < pages.size(); region++) {
            int number = first + region;
            long start = region * Content.REGION;
            ChunkId page = pages.get(region);
            if (journal.isDone(number)) {
                ledger.bytesDone.add(
                        Math.min(Content.REGION, item.entry().node().size() - start));
                regionDone(large);
            } else {
                crew.submit(reader -> {
                    List<Piece> pieces = Pages.pieces(reader.read(page), page);
                    if (large.write(pieces, start, reader, ledger, crew)) {
                        note(number, Map.of(), item);
                        regionDone(large);
                    }
                });
            }
        }
    }

    private void regionDone(LargeItem large) throws TransferException {
        if (large.regionDone(ledger)) {
            ledger.filesDone.increment();
            large.item().folder().release();
        }
    }

    private void finished(Item item) throws TransferException {
        Node node = item.entry().node();
        ledger.filesDone.increment();
        ledger.bytesDone.add(node.type() == Node.Type.FILE ? node.size() : 0);
        item.folder().release();
    }

    private void note(int number, Map<Kind, Long> warnings, Item item) throws TransferException {
        try {
            journal.done(number, warnings);
        } catch (IOException e) {
            throw Errors.target("journal beside " + item.folder().target, e);
        }
    }

    private static TargetDirectory again(TargetDirectory root) throws TransferException {
        try {
            return root.again();
        } catch (IOException e) {
            throw Errors.target(root.toString(), e);
        }
    }

    /** Writes the data of a piece, which is paid for, into a file. */
    static void piece(Piece piece, long position, TargetFile file, ChunkReader reader, Ledger ledger)
            throws IOException, TransferException {
        if (piece.id() == null) {
            return;
        }
        Chunk chunk = chunk(piece.id(), piece.length(), reader, file);
        file.write(chunk.bytes(), chunk.offset(), chunk.length(), position);
        ledger.bytesWritten.add(chunk.length());
    }

    /** The chunk of a piece of {@code file}, which is only named. */
    static Chunk chunk(ChunkId id, long length, ChunkReader reader, Object file) throws TransferException {
        Chunk chunk = reader.chunk(id);
        if (chunk.length() != length) {
            throw new TransferException(
                    Code.REPOSITORY_DAMAGED,
                    "read " + file + ": chunk " + id.hex() + " has " + chunk.length() + " bytes where " + length
                            + " belong; run \"holdfast verify --full\"");
        }
        return chunk;
    }
}
