package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.catalog.Piece;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.tree.TargetFile;
import java.io.IOException;
import java.util.List;

/** Restores a device or image; every region is a task. Holes are punched, so what lay there before is gone. */
final class DeviceRestore {
    private static final byte[] ZEROS = new byte[1 << 20];

    private final Crew crew;
    private final Journal journal;
    private final Ledger ledger;
    private final Destination.Image target;

    DeviceRestore(Crew crew, Journal journal, Ledger ledger, Destination.Image target) {
        this.crew = crew;
        this.journal = journal;
        this.ledger = ledger;
        this.target = target;
    }

    void walk(Entry root) throws TransferException, InterruptedException {
        if (!(root.content() instanceof Content.Regions(var pages))) {
            throw new TransferException(
                    Code.REPOSITORY_DAMAGED, "restore " + target.file() + ": a block snapshot without content");
        }
        prepare(root.node().size());
        for (int region = 0; region < pages.size(); region++) {
            int number = region;
            ChunkId page = pages.get(region);
            if (journal.isDone(number)) {
                ledger.bytesDone.add(Math.min(Content.REGION, root.node().size() - region * Content.REGION));
            } else {
                crew.submit(reader -> write(number, Pages.pieces(reader.read(page), page), reader));
            }
        }
    }

    private void prepare(long size) throws TransferException {
        TargetFile file = target.file();
        try {
            if (!target.isDevice()) {
                file.truncate(size);
            } else if (file.size() < size) {
                throw new TransferException(
                        Code.TARGET_SMALL,
                        "restore " + file + ": has " + file.size() + " bytes, the snapshot " + size
                                + "; give a device at least as large");
            }
        } catch (IOException e) {
            throw Errors.target(file.toString(), e);
        }
    }

    private void write(int number, List<Piece> pieces, ChunkReader reader) throws TransferException {
        TargetFile file = target.file();
        long position = number * Content.REGION;
        try {
            for (Piece piece : pieces) {
                if (piece.id() == null) {
                    if (!clear(file, position, piece.length())) {
                        return;
                    }
                } else {
                    if (!crew.spend(piece.length())) {
                        return;
                    }
                    TreeRestore.piece(piece, position, file, reader, ledger);
                    ledger.bytesDone.add(piece.length());
                }
                position += piece.length();
            }
            journal.done(number);
        } catch (IOException e) {
            throw Errors.target(file.toString(), e);
        }
    }

    /** A hole costs nothing, zeros that must be written do. False when the crew was told to stop in between. */
    private boolean clear(TargetFile file, long position, long length) throws IOException {
        if (crew.halting()) {
            return false;
        }
        if (file.punch(position, length)) {
            ledger.bytesDone.add(length);
            return true;
        }
        for (long done = 0; done < length; done += ZEROS.length) {
            int count = (int) Math.min(ZEROS.length, length - done);
            if (!crew.spend(count)) {
                return false;
            }
            file.write(ZEROS, 0, count, position + done);
            ledger.bytesDone.add(count);
        }
        return true;
    }
}
