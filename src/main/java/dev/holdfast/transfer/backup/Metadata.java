package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.ChunkId;

/** Puts pages of metadata into the repository, each content once. */
final class Metadata {
    private Metadata() {}

    static ChunkId write(Crew.Member by, byte[] page) throws TransferException {
        ChunkId id = by.hasher.id(page, 0, page.length);
        if (by.claim(id)) {
            by.sent(by.writer.page(id, page));
        }
        return id;
    }
}
