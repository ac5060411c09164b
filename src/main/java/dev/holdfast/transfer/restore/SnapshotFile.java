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
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.repository.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of one file at the top of a snapshot's tree, read from its beginning to its end. Leaves nothing in the
 * repository. Holds one chunk at a time; not thread-safe. The cause of its IOException is a TransferException.
 */
public final class SnapshotFile extends InputStream {
    private final String name;
    private final ChunkReader reader;
    private final Iterator<ChunkId> regions;
    private Iterator<Piece> pieces;

    /** Null in a hole. */
    private @Nullable Chunk chunk;

    private int position;
    private long left;
    private @Nullable TransferException failure;

    private SnapshotFile(String name, ChunkReader reader, Content content) {
        this.name = name;
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
            return new SnapshotFile(name, reader, content(reader, snapshot, name));
        } catch (TransferException | UncheckedIOException e) {
            reader.close();
            throw TransferException.of("read " + name, e);
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
        while (left == 0) {
            if (!next()) {
                return -1;
            }
        }
        int count = (int) Math.min(length, left);
        Chunk from = chunk;
        if (from == null) {
            Arrays.fill(bytes, offset, offset + count, (byte) 0);
        } else {
            System.arraycopy(from.bytes(), from.offset() + position, bytes, offset, count);
            position += count;
        }
        left -= count;
        return count;
    }

    /** Takes up the next piece; false after the last one. What failed once fails again: nothing is stepped over. */
    private boolean next() throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
        try {
            while (!pieces.hasNext()) {
                if (!regions.hasNext()) {
                    return false;
                }
                ChunkId page = regions.next();
                pieces = Pages.pieces(reader.read(page), page).iterator();
            }
            Piece piece = pieces.next();
            chunk = piece.id() == null ? null : TreeRestore.chunk(piece.id(), piece.length(), reader, name);
            position = 0;
            left = piece.length();
            return true;
        } catch (TransferException | UncheckedIOException e) {
            failure = TransferException.of("read " + name, e);
            throw new IOException(failure.getMessage(), failure);
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
