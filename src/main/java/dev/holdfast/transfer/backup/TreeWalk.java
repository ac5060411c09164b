package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Encoder;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.RecordKey;
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.SourceDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks the source in byte order of names and decides for every entry: is it known from the parent snapshot, recorded
 * by an earlier attempt, or to be read. One thread.
 */
final class TreeWalk {
    private static final int AHEAD_MAX = 8 * 1024;

    private final Attempt attempt;
    private final Crew.Member member;
    private final Counters counters;
    private final ChunkReader reader;
    private final Holdings holdings;
    private final boolean resumed;

    /** What recorded bundles say of files that are still ahead of the walk. */
    private final Map<ByteBuffer, Content> ahead = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        /** What a bundle says of files that are gone or changed is never asked for. */
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Content> eldest) {
            return size() > AHEAD_MAX;
        }
    };

    private Bundle bundle = new Bundle();

    TreeWalk(Attempt attempt, Crew.Member member, Counters counters, ChunkReader reader) {
        this.attempt = attempt;
        this.member = member;
        this.counters = counters;
        this.reader = reader;
        this.holdings = new Holdings(attempt, reader);
        this.resumed = attempt.epoch() > 1;
    }

    /** @param parent the root as the parent snapshot knows it, or null; {@code slot} receives the root's entry */
    void walk(SourceDirectory root, @Nullable Entry parent, Folder.Slot slot) throws TransferException, IOException {
        Node node = describe(root);
        try {
            requireSame(root, node);
        } catch (TransferException e) {
            try (root) {
                throw e;
            }
        }
        Folder folder = new Folder(root, RecordKey.root(), new byte[0], node, slot);
        walk(folder, parent);
        flush();
    }

    /** Where a file system is not mounted there is a directory too, mostly an empty one: not what was backed up. */
    private void requireSame(SourceDirectory root, Node node) throws TransferException {
        byte[] key = RecordKey.source(member.hasher);
        byte[] inode = new Encoder().number(node.inode()).bytes();
        byte @Nullable [] begun = attempt.recorded(key);
        if (begun == null) {
            member.writer.record(key, inode);
            member.writer.sync();
        } else if (!Arrays.equals(begun, inode)) {
            throw Problems.away(root.toString(), "another directory is there than the one it began with");
        }
    }

    private void walk(Folder folder, @Nullable Entry parent) throws TransferException {
        Reference reference = new Reference(reader, parent);
        for (byte[] name : names(folder)) {
            member.breathe();
            folder.turn(member);
            Folder.Slot slot = folder.reserve();
            try {
                visit(folder, name, folder.source.stat(name), reference.find(name), slot);
            } catch (IOException e) {
                Problems.unreadable(counters, folder.source.display(name), e);
                slot.fill(null, member);
            }
        }
        counters.filesDone.increment();
        folder.close(member);
    }

    private List<byte[]> names(Folder folder) throws TransferException {
        try {
            return folder.source.names();
        } catch (IOException e) {
            Problems.unreadable(counters, folder.source.toString(), e);
            return List.of();
        }
    }

    private void visit(Folder folder, byte[] name, Node node, @Nullable Entry known, Folder.Slot slot)
            throws TransferException, IOException {
        switch (node.type()) {
            case DIRECTORY -> {
                SourceDirectory source = folder.source.open(name);
                byte[] key = RecordKey.directory(member.hasher, folder.key, name);
                walk(new Folder(source, key, name, describe(source), slot), known);
            }
            case FILE -> file(folder, name, node, known, slot);
            case SYMLINK, FIFO, SOCKET, CHAR, BLOCK -> done(folder, name, node, new Content.None(), slot);
        }
    }

    private Node describe(SourceDirectory opened) throws IOException {
        try {
            return opened.describeSelf(counters);
        } catch (IOException e) {
            try (opened) {
                throw e;
            }
        }
    }

    private void file(Folder folder, byte[] name, Node node, @Nullable Entry known, Folder.Slot slot)
            throws TransferException, IOException {
        if (known != null && known.unchanged(node) && holdings.committed(known.content())) {
            counters.filesDone.increment();
            counters.bytesDone.add(node.size());
            slot.fill(new Entry(name, known.node().on(node.device()), known.content(), false), member);
        } else if (node.size() == 0) {
            done(folder, name, node, new Content.None(), slot);
        } else if (node.size() <= Bundle.FILE_MAX) {
            small(folder, name, node, slot);
        } else if (node.size() > LargeFile.BYTES_MAX) {
            throw new IOException("it has " + node.size() + " bytes, possible are " + LargeFile.BYTES_MAX);
        } else {
            large(new LargeFile(folder, name, node, slot));
        }
    }

    private void small(Folder folder, byte[] name, Node node, Folder.Slot slot) throws TransferException, IOException {
        boolean again = false;
        if (resumed) {
            byte[] key = RecordKey.region(member.hasher, folder.key, name, node, 0);
            again = lookAhead(key);
            @Nullable Content content = ahead.remove(ByteBuffer.wrap(key));
            if (content != null && holdings.committed(content)) {
                done(folder, name, node, content, slot);
                counters.bytesDone.add(node.size());
                return;
            }
        }
        Bundle.SmallFile file = new Bundle.SmallFile(folder, name, node, slot, again);
        if (!bundle.fits(file)) {
            flush();
        }
        bundle.add(file);
    }

    /** Loads the bundle that begins with this file. True when it is the last block, which is to be read again. */
    private boolean lookAhead(byte[] key) throws TransferException {
        byte @Nullable [] record = attempt.recorded(key);
        if (record == null) {
            return false;
        }
        if (Arrays.equals(key, attempt.lastRecordKey())) {
            return true;
        }
        ahead.putAll(Bundle.read(record));
        return false;
    }

    private void large(LargeFile file) throws TransferException {
        for (int region = 0; region < file.regions(); region++) {
            byte[] key = resumed ? file.key(member, region) : new byte[0];
            byte @Nullable [] record = resumed ? attempt.recorded(key) : null;
            boolean last = record != null && Arrays.equals(key, attempt.lastRecordKey());
            if (record != null && !last && file.recorded(region, record, holdings, counters)) {
                file.finish(member, counters);
            } else {
                member.submit(file.task(region, last));
            }
        }
    }

    private void done(Folder folder, byte[] name, Node node, Content content, Folder.Slot slot)
            throws TransferException, IOException {
        Node described = folder.source.describe(name, node, counters);
        counters.filesDone.increment();
        slot.fill(new Entry(name, described, content, false), member);
    }

    private void flush() throws TransferException {
        if (!bundle.isEmpty()) {
            Bundle full = bundle;
            bundle = new Bundle();
            member.submit(full);
        }
    }
}
