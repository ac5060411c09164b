package dev.holdfast.transfer.catalog;

import dev.holdfast.transfer.repository.ChunkId;
import java.util.List;

/** What an entry holds besides its metadata. */
public sealed interface Content {
    /** Bytes of a file that form one unit of parallelism, progress and resume. */
    long REGION = 64L << 20;

    /** Nothing: empty files, links, devices. */
    record None() implements Content {}

    /** A file's pieces, in order, without gaps. */
    record Pieces(List<Piece> pieces) implements Content {
        public Pieces {
            pieces = List.copyOf(pieces);
        }
    }

    /** A large file: one page of pieces for each {@link #REGION}, in order; each page is a chunk of metadata. */
    record Regions(List<ChunkId> pages) implements Content {
        public Regions {
            pages = List.copyOf(pages);
        }
    }

    /**
     * A directory: pages of entries in byte order of names.
     *
     * @param entries everything below it
     * @param bytes bytes of all files below it
     */
    record Directory(List<ChunkId> pages, long entries, long bytes) implements Content {
        public Directory {
            pages = List.copyOf(pages);
        }
    }
}
