package dev.holdfast.transfer.catalog;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.Xattr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The two kinds of metadata pages.
 *
 * <pre>
 * page    = version (1) kind (1 entries, 2 pieces) count item...
 * piece   = length, 1 and id | length, 0 for a hole
 * entry   = name racy node content
 * node    = type mode uid gid size mtime-s mtime-ns ctime-s ctime-ns inode device links rdev blocks
 *           (0 | 1 target) count (name value)...
 * content = 0 | 1 count piece... | 2 count id... | 3 count id... entries bytes
 * </pre>
 */
@SuppressWarnings("EnumOrdinal") // The order of the kinds of entries is part of the format.
public final class Pages {
    /** Entries in a page of a directory. */
    public static final int ENTRIES_MAX = 1024;

    private static final int VERSION = 1;
    private static final int ENTRIES = 1;
    private static final int PIECES = 2;
    private static final int ITEMS_MAX = 1 << 24;

    private Pages() {}

    public static byte[] ofEntries(List<Entry> entries) {
        Encoder out = new Encoder().number(VERSION).number(ENTRIES).number(entries.size());
        entries.forEach(entry -> entry(out, entry));
        return out.bytes();
    }

    public static byte[] ofPieces(List<Piece> pieces) {
        Encoder out = new Encoder().number(VERSION).number(PIECES);
        pieces(out, pieces);
        return out.bytes();
    }

    public static List<Entry> entries(byte[] page, ChunkId id) throws TransferException {
        Decoder in = open(page, id, ENTRIES);
        int count = in.count(ENTRIES_MAX);
        List<Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(entry(in));
        }
        return entries;
    }

    public static List<Piece> pieces(byte[] page, ChunkId id) throws TransferException {
        return pieces(open(page, id, PIECES));
    }

    /** A list of pieces inside something else, such as a record. */
    public static void pieces(Encoder out, List<Piece> pieces) {
        out.number(pieces.size());
        for (Piece piece : pieces) {
            out.number(piece.length()).number(piece.id() == null ? 0 : 1);
            if (piece.id() != null) {
                out.id(piece.id());
            }
        }
    }

    public static List<Piece> pieces(Decoder in) throws TransferException {
        int count = in.count(ITEMS_MAX);
        List<Piece> pieces = new ArrayList<>(Math.min(count, 1024));
        for (int i = 0; i < count; i++) {
            long length = in.number();
            @Nullable ChunkId id = in.count(1) == 1 ? in.id() : null;
            if (length <= 0) {
                throw in.damaged("a piece of " + length + " bytes");
            }
            pieces.add(new Piece(id, length));
        }
        return pieces;
    }

    private static Decoder open(byte[] page, ChunkId id, int kind) throws TransferException {
        Decoder in = new Decoder(page, "metadata page " + id.hex().substring(0, 16));
        long version = in.number();
        if (version > VERSION) {
            throw new TransferException(
                    TransferException.Code.REPOSITORY_NEWER,
                    "metadata page " + id.hex().substring(0, 16) + " has version " + version
                            + ", this program reads up to " + VERSION + "; use a newer holdfast");
        }
        if (in.number() != kind) {
            throw in.damaged("is of another kind than its place says");
        }
        return in;
    }

    private static void entry(Encoder out, Entry entry) {
        out.string(entry.name()).number(entry.racy() ? 1 : 0);
        node(out, entry.node());
        content(out, entry.content());
    }

    /** What tells one content from another. */
    public static void content(Encoder out, Content content) {
        switch (content) {
            case Content.None() -> out.number(0);
            case Content.Pieces(var pieces) -> pieces(out.number(1), pieces);
            case Content.Regions(var pages) -> ids(out.number(2), pages);
            case Content.Directory(var pages, var entries, var bytes) -> {
                ids(out.number(3), pages);
                out.number(entries).number(bytes);
            }
        }
    }

    private static Entry entry(Decoder in) throws TransferException {
        byte[] name = in.string();
        boolean racy = in.count(1) == 1;
        Node node = node(in);
        Content content =
                switch (in.count(3)) {
                    case 1 -> new Content.Pieces(pieces(in));
                    case 2 -> new Content.Regions(ids(in));
                    case 3 -> new Content.Directory(ids(in), in.number(), in.number());
                    default -> new Content.None();
                };
        return new Entry(name, node, content, racy);
    }

    private static void ids(Encoder out, List<ChunkId> ids) {
        out.number(ids.size());
        ids.forEach(out::id);
    }

    private static List<ChunkId> ids(Decoder in) throws TransferException {
        int count = in.count(in.remaining() / ChunkId.LENGTH);
        List<ChunkId> ids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ids.add(in.id());
        }
        return ids;
    }

    /** A node inside something else. */
    public static void node(Encoder out, Node node) {
        out.number(node.type().ordinal()).number(node.mode()).number(node.uid()).number(node.gid());
        out.number(node.size()).number(node.mtimeSeconds()).number(node.mtimeNanos());
        out.number(node.ctimeSeconds())
                .number(node.ctimeNanos())
                .number(node.inode())
                .number(node.device());
        out.number(node.links()).number(node.rdev()).number(node.blocks());
        byte @Nullable [] target = node.linkTarget();
        out.number(target == null ? 0 : 1);
        if (target != null) {
            out.string(target);
        }
        out.number(node.xattrs().size());
        node.xattrs().forEach(xattr -> out.string(xattr.name()).string(xattr.value()));
    }

    public static Node node(Decoder in) throws TransferException {
        Node.Type type = Node.Type.values()[in.count(Node.Type.values().length - 1)];
        int mode = in.count(07777);
        int uid = (int) in.number();
        int gid = (int) in.number();
        long size = in.number();
        long mtime = in.number();
        int mtimeNanos = in.count(999_999_999);
        long ctime = in.number();
        int ctimeNanos = in.count(999_999_999);
        long inode = in.number();
        long device = in.number();
        long links = in.number();
        long rdev = in.number();
        long blocks = in.number();
        byte @Nullable [] target = in.count(1) == 1 ? in.string() : null;
        List<Xattr> xattrs = new ArrayList<>();
        for (int left = in.count(ITEMS_MAX); left > 0; left--) {
            xattrs.add(new Xattr(in.string(), in.string()));
        }
        return new Node(
                type,
                mode,
                uid,
                gid,
                size,
                mtime,
                mtimeNanos,
                ctime,
                ctimeNanos,
                inode,
                device,
                links,
                rdev,
                blocks,
                target,
                xattrs);
    }
}
