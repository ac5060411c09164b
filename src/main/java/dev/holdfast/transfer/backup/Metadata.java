package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkRef;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts pages of metadata into the repository, each content once. Most directories are small: their pages wait until
 * there are enough for a frame, which a later walk then reads at once. One thread.
 */
final class Metadata {
    private static final int FRAME_BYTES = 128 << 10;

    private final Crew.Member by;
    private final byte[] waiting = new byte[FRAME_BYTES];
    private final List<ChunkRef> chunks = new ArrayList<>();
    private int length;

    Metadata(Crew.Member by) {
        this.by = by;
    }

    /** Writes a page now: a record may name it from here on. */
    ChunkId write(byte[] page) throws TransferException {
        ChunkId id = by.hasher.id(page, 0, page.length);
        if (by.claim(id)) {
            by.sent(by.writer.pages(List.of(new ChunkRef(id, 0, page.length)), page, 0, page.length));
        }
        return id;
    }

    /** Takes a page that nothing names before the next {@link #flush}. */
    ChunkId keep(byte[] page) throws TransferException {
        if (page.length > FRAME_BYTES) {
            return write(page);
        }
        ChunkId id = by.hasher.id(page, 0, page.length);
        if (by.claim(id)) {
            if (length + page.length > FRAME_BYTES) {
                flush();
            }
            System.arraycopy(page, 0, waiting, length, page.length);
            chunks.add(new ChunkRef(id, length, page.length));
            length += page.length;
        }
        return id;
    }

    /** Writes what waits. */
    void flush() throws TransferException {
        if (!chunks.isEmpty()) {
            by.sent(by.writer.pages(chunks, waiting, 0, length));
            chunks.clear();
            length = 0;
        }
    }
}
