package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.catalog.Piece;
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkReader;
import java.util.List;

/**
 * Whether the repository holds all that a record or an entry names. A record may be older than a loss: what it names
 * counts only if every chunk of it is known. One thread.
 */
final class Holdings {
    private final Attempt attempt;
    private final ChunkReader reader;

    Holdings(Attempt attempt, ChunkReader reader) {
        this.attempt = attempt;
        this.reader = reader;
    }

    /** Whether every piece is there. */
    boolean all(List<Piece> pieces) {
        return pieces.stream().allMatch(piece -> piece.id() == null || attempt.knows(piece.id()));
    }

    /** Whether a page of pieces is there, and every piece on it. */
    boolean whole(ChunkId page) throws TransferException {
        if (!attempt.knows(page)) {
            return false;
        }
        try {
            return all(Pages.pieces(reader.read(page), page));
        } catch (TransferException damaged) {
            if (damaged.code() == TransferException.Code.REPOSITORY_DAMAGED) {
                return false;
            }
            throw damaged;
        }
    }

    /**
     * Whether what a committed snapshot says of a file can be said again: the pages of regions stand for their pieces.
     */
    boolean committed(Content content) {
        return switch (content) {
            case Content.None() -> true;
            case Content.Pieces(var pieces) -> all(pieces);
            case Content.Regions(var pages) -> pages.stream().allMatch(attempt::knows);
            case Content.Directory _ -> false;
        };
    }
}
