package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Decoder;
import dev.holdfast.transfer.catalog.Encoder;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.repository.ChunkIndex;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.TargetDirectory;
import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * Names of one file in a restore: the first is restored as any entry is, further ones are linked to it at the end.
 * Memory is bounded, however many there are: what is noted goes to files in the scratch directory. For one thread.
 *
 * <pre>
 *   places   folder = node, place of the folder above, name | first name = place of its folder, name
 *   links    place of the folder, name, place of the first name, 1 if the system may have refused to make that;
 *            without a name: the folder is left
 * </pre>
 */
final class HardLinks implements Closeable {
    private final Ledger ledger;
    private final Spill places;
    private final Spill links;

    /** Place of the first name of each file that has several. */
    private final ChunkIndex firsts;

    /** A name to be made. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Link(long folder, byte[] name, long first, boolean special, long next) {}

    /** @param scratch directory for the files, if they are needed */
    HardLinks(Path scratch, Ledger ledger) {
        this.ledger = ledger;
        this.places = new Spill(scratch);
        this.links = new Spill(scratch);
        this.firsts = new ChunkIndex(scratch);
    }

    /** Whether the entry is another name of a file that has been met; then it will be linked to that. */
    boolean takes(Folder folder, Entry entry) {
        Node node = entry.node();
        if (node.links() < 2) {
            return false;
        }
        ByteBuffer id = identity(node, entry.content());
        long known = firsts.find(id.getLong(0), id.getLong(8));
        long here = note(folder);
        if (known <= ChunkIndex.DEAD) {
            long first =
                    places.add(new Encoder().number(here).string(entry.name()).bytes());
            firsts.add(id.getLong(0), id.getLong(8), first + ChunkIndex.DEAD + 1);
            return false;
        }
        boolean special = node.type() != Node.Type.FILE && node.type() != Node.Type.SYMLINK;
        links.add(new Encoder()
                .number(here)
                .string(entry.name())
                .number(known - ChunkIndex.DEAD - 1)
                .number(special ? 1 : 0)
                .bytes());
        folder.awaitLinks();
        ledger.bytesDone.add(node.size());
        return true;
    }

    /** The content tells a name of the same file from one whose identity is that of another file by accident. */
    private static ByteBuffer identity(Node node, Content content) {
        Encoder what = new Encoder().number(node.device()).number(node.inode());
        Pages.content(what, content);
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(what.bytes()));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("SHA-256 is part of every JDK", missing);
        }
    }

    /** Nothing more comes below the folder: after its links, and all below, comes its own metadata. */
    void leave(Folder folder) {
        if (folder.awaitsLinks()) {
            links.add(new Encoder()
                    .number(folder.place)
                    .string(new byte[0])
                    .number(0)
                    .number(0)
                    .bytes());
        }
    }

    private long note(Folder folder) {
        List<Folder> fresh = new ArrayList<>();
        for (Folder at = folder; at != null && at.place < 0; at = at.parent) {
            fresh.add(at);
        }
        for (Folder at : fresh.reversed()) {
            Encoder record = new Encoder();
            Pages.node(record, at.node);
            record.number(at.parent == null ? -1 : at.parent.place).string(at.name);
            at.place = places.add(record.bytes());
        }
        return folder.place;
    }

    /** Makes them, once all files are there, and gives their directories what may forbid that. */
    void make(TargetDirectory root, Crew crew) throws TransferException {
        long position = 0;
        while (position < links.end()) {
            Link link = link(position);
            long folder = link.folder();
            try (TargetDirectory target = open(root, path(folder))) {
                do {
                    if (crew.halting()) {
                        return;
                    }
                    if (link.name().length == 0) {
                        target.applySelf(Pages.node(decoder(folder)), ledger);
                    } else {
                        make(root, link, target);
                    }
                    position = link.next();
                    link = position < links.end() ? link(position) : link;
                } while (position < links.end() && link.folder() == folder);
            } catch (IOException e) {
                throw Errors.target("hard link in " + root, e);
            }
        }
    }

    private void make(TargetDirectory root, Link link, TargetDirectory target) throws TransferException, IOException {
        Decoder first = decoder(link.first());
        try (TargetDirectory other = open(root, path(first.number()))) {
            byte[] name = first.string();
            if (link.special() && other.stat(name) == null) {
                ledger.warn(
                        Kind.SPECIAL,
                        target.display(link.name()) + ": its other name, " + other.display(name)
                                + ", could not be made");
            } else {
                target.hardLink(other, name, link.name());
            }
        }
        ledger.filesDone.increment();
    }

    private Link link(long position) throws TransferException {
        byte[] record = links.get(position);
        Decoder in = new Decoder(record, "hard link");
        return new Link(in.number(), in.string(), in.number(), in.count(1) == 1, Spill.behind(position, record));
    }

    private Decoder decoder(long place) {
        return new Decoder(places.get(place), "place of a hard link");
    }

    /** Names from the root of the target down to this folder. */
    private List<byte[]> path(long folder) throws TransferException {
        List<byte[]> names = new ArrayList<>();
        long at = folder;
        while (at >= 0) {
            Decoder in = decoder(at);
            Pages.node(in);
            at = in.number();
            byte[] name = in.string();
            if (at >= 0) {
                names.add(name);
            }
        }
        return names.reversed();
    }

    private static TargetDirectory open(TargetDirectory root, List<byte[]> names)
            throws IOException, TransferException {
        TargetDirectory at = root.again();
        for (byte[] name : names) {
            try (TargetDirectory above = at) {
                at = above.openDirectory(name);
            }
        }
        return at;
    }

    @Override
    public void close() {
        places.close();
        links.close();
        firsts.close();
    }
}
