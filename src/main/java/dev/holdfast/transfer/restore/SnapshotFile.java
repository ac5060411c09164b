package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.catalog.Piece;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.repository.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * The content of one file at the top of a snapshot's tree, read from its beginning to its end. Leaves nothing in the
 * repository and needs no room anywhere. Holds one chunk at a time; not thread-safe.
 */
public final class SnapshotFile extends InputStream {
    private static final byte[] ZEROS = new byte[1 << 16];

    private final ChunkReader reader;
    private final Iterator<ChunkId> regions;
    private Iterator<Piece> pieces;
    private byte[] chunk = ZEROS;
    private int position;
    private long left;

    private SnapshotFile(ChunkReader reader, Content content) {
        this.reader = reader;
        this.pieces = (content instanceof Content.Pieces(var all) ? all : List.<Piece>of()).iterator();
        this.regions = (content instanceof Content.Regions(var all) ? all : List.<ChunkId>of()).iterator();
    }

    /**
     * Opens it; the repository stays open for longer than the stream.
     *
     * @throws TransferException SNAPSHOT_MISSING if there is no such file at the top
     */
    public static SnapshotFile open(Repository repository, Snapshot snapshot, String name) throws TransferException {
        ChunkReader reader = repository.reader();
        try {
            return new SnapshotFile(reader, content(reader, snapshot, name));
        } catch (TransferException | RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    private static Content content(ChunkReader reader, Snapshot snapshot, String name) throws TransferException {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        ChunkId id = snapshot.root().getFirst();
        Entry root = Pages.entries(reader.read(id), id).getFirst();
        if (root.content() instanceof Content.Directory(var pages, var _, var _)) {
            for (ChunkId page : pages) {
                for (Entry entry : Pages.entries(reader.read(page), page)) {
                    if (Arrays.equals(entry.name(), wanted)) {
                        return entry.content();
                    }
                }
            }
        }
        throw new TransferException(
                Code.SNAPSHOT_MISSING, "snapshot " + snapshot.id() + " of " + snapshot.source() + " has no " + name);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        try {
            while (left == 0) {
                if (!next()) {
                    return -1;
                }
            }
        } catch (TransferException e) {
            throw new IOException(e.getMessage(), e);
        }
        int hole = chunk == ZEROS ? 0 : position;
        int count = (int) Math.min(Math.min(length, left), chunk.length - hole);
        System.arraycopy(chunk, hole, bytes, offset, count);
        position += count;
        left -= count;
        return count;
    }

    /** Takes up the next piece; false after the last one. */
    private boolean next() throws TransferException {
        while (!pieces.hasNext()) {
            if (!regions.hasNext()) {
                return false;
            }
            ChunkId page = regions.next();
            pieces = Pages.pieces(reader.read(page), page).iterator();
        }
        Piece piece = pieces.next();
        chunk = piece.id() == null ? ZEROS : reader.read(piece.id());
        if (piece.id() != null && chunk.length != piece.length()) {
            throw new TransferException(
                    Code.REPOSITORY_DAMAGED,
                    "chunk " + piece.id() + " has " + chunk.length + " bytes where its file says " + piece.length()
                            + "; run \"holdfast verify --full\"");
        }
        position = 0;
        left = piece.length();
        return true;
    }

    @Override
    public void close() {
        reader.close();
    }
}
