package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Decoder;
import dev.holdfast.transfer.catalog.Encoder;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Piece;
import dev.holdfast.transfer.catalog.RecordKey;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkRef;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.SourceFile;
import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Small files that follow each other in the walk, stored as one frame and recorded as one record. The record is found
 * by the key of the bundle's first file: the next attempt walks in the same order and meets that one first.
 */
final class Bundle implements Crew.Task {
    /** Largest file that is bundled. */
    static final int FILE_MAX = 32 << 10;

    private static final int BYTES_MAX = 512 << 10;
    private static final int FILES_MAX = 1024;

    /** Keeps the number of directories that are open at once small. */
    private static final int FOLDERS_MAX = 48;

    private static final int TRIES = 3;

    private final List<SmallFile> files = new ArrayList<>();

    /** Files that outgrew a bundle since the walk saw them; read last, because reading them takes the whole buffer. */
    private final List<LargeFile> grown = new ArrayList<>();

    private int folders;
    private long bytes;

    /** @param again whether an earlier attempt had finished it, and it is read once more as a check */
    @SuppressWarnings("ArrayRecordComponent")
    record SmallFile(Folder folder, byte[] name, Node node, Folder.Slot slot, boolean again) {}

    /** A file that has been read into the worker's buffer. */
    private record Taken(
            SmallFile file, Node node, @Nullable ChunkId id, boolean steady, boolean racy) {}

    /** What was read of a file, before it is decided what to write of it. */
    private record Read(Node node, int length, boolean steady, boolean racy) {}

    boolean fits(SmallFile file) {
        return bytes + file.node().size() <= BYTES_MAX
                && files.size() < FILES_MAX
                && (folders < FOLDERS_MAX || isLast(file.folder()));
    }

    void add(SmallFile file) {
        if (!isLast(file.folder())) {
            folders++;
        }
        files.add(file);
        bytes += file.node().size();
    }

    boolean isEmpty() {
        return files.isEmpty();
    }

    private boolean isLast(Folder folder) {
        return !files.isEmpty() && files.getLast().folder() == folder;
    }

    @Override
    public void run(Worker worker) throws TransferException {
        List<ChunkRef> fresh = new ArrayList<>();
        List<Taken> taken = new ArrayList<>(files.size());
        int filled = 0;
        for (SmallFile file : files) {
            worker.member.spend(file.node().size());
            if (filled + FILE_MAX + 1 > worker.buffer.length) { // many have grown since the walk saw them
                write(worker, fresh, filled);
                filled = 0;
            }
            filled = take(worker, file, filled, fresh, taken);
        }
        write(worker, fresh, filled);
        record(worker, taken);
        for (Taken one : taken) {
            finish(worker, one);
        }
        for (LargeFile file : grown) {
            file.whole(worker);
        }
    }

    private static void write(Worker worker, List<ChunkRef> fresh, int filled) throws TransferException {
        if (!fresh.isEmpty()) {
            worker.member.sent(worker.member.writer.data(fresh, worker.buffer, 0, filled));
            fresh.clear();
        }
    }

    /** Reads one file behind {@code filled}; returns where the next one goes. */
    private int take(Worker worker, SmallFile file, int filled, List<ChunkRef> fresh, List<Taken> taken)
            throws TransferException {
        Read read;
        try {
            read = read(worker, file, filled);
        } catch (IOException e) {
            Problems.unreadable(worker.crew.counters, file.folder().source.display(file.name()), e);
            file.slot().fill(null, worker.member);
            return filled;
        }
        if (read.length() > FILE_MAX) {
            grown.add(new LargeFile(file.folder(), file.name(), read.node(), file.slot()));
            return filled;
        }
        return keep(worker, file, read, filled, fresh, taken);
    }

    /** More than {@link #FILE_MAX} bytes mean that it has outgrown the bundle. */
    private static Read read(Worker worker, SmallFile file, int filled) throws IOException {
        try (SourceFile source = file.folder().source.openFile(file.name())) {
            Node before = file.node();
            for (int tries = 1; ; tries++) {
                boolean racy = Racy.is(before);
                int length = source.read(worker.buffer, filled, FILE_MAX + 1, 0);
                Node after = source.stat();
                if (length > FILE_MAX) {
                    return new Read(after, length, false, racy);
                }
                boolean steady = Entry.sameSignature(before, after) && length == after.size();
                if (!steady && tries < TRIES) {
                    before = after;
                    continue;
                }
                if (!steady) {
                    worker.crew.counters.warn(
                            Kind.CHANGED,
                            "read " + file.folder().source.display(file.name())
                                    + ": it changes while it is read; taken as it was found");
                }
                return new Read(source.describe(after.ofSize(length), worker.crew.counters), length, steady, racy);
            }
        }
    }

    private static int keep(
            Worker worker, SmallFile file, Read read, int filled, List<ChunkRef> fresh, List<Taken> taken) {
        int length = read.length();
        if (length == 0) {
            taken.add(new Taken(file, read.node(), null, read.steady(), read.racy()));
            return filled;
        }
        ChunkId id = worker.member.hasher.id(worker.buffer, filled, length);
        taken.add(new Taken(file, read.node(), id, read.steady(), read.racy()));
        if (!worker.member.claim(id)) {
            worker.countAgain(id, length, file.again());
            return filled;
        }
        fresh.add(new ChunkRef(id, filled, length));
        return filled + length;
    }

    private void record(Worker worker, List<Taken> taken) throws TransferException {
        SmallFile first = files.getFirst();
        Encoder out = new Encoder();
        int count = 0;
        for (Taken one : taken) {
            if (one.steady() && one.id() != null && !one.racy()) {
                out.raw(key(worker, one.file())).number(one.node().size()).id(one.id());
                count++;
            }
        }
        if (count > 0) {
            byte[] payload = new Encoder().number(count).raw(out.bytes()).bytes();
            worker.member.writer.record(key(worker, first), payload);
        }
    }

    private static byte[] key(Worker worker, SmallFile file) {
        return RecordKey.region(worker.member.hasher, file.folder().key, file.name(), file.node(), 0);
    }

    private static void finish(Worker worker, Taken one) throws TransferException {
        SmallFile file = one.file();
        Node node = one.node();
        Content content =
                one.id() == null ? new Content.None() : new Content.Pieces(List.of(new Piece(one.id(), node.size())));
        worker.crew.counters.filesDone.increment();
        worker.crew.counters.bytesDone.add(node.size());
        file.slot().fill(new Entry(file.name(), node, content, !one.steady() || one.racy()), worker.member);
    }

    /** What a bundle's record says: content by the key of each file. */
    static Map<ByteBuffer, Content> read(byte[] payload) throws TransferException {
        Decoder in = new Decoder(payload, "record of a bundle");
        int count = in.count(FILES_MAX);
        Map<ByteBuffer, Content> contents = HashMap.newHashMap(count);
        for (int i = 0; i < count; i++) {
            ByteBuffer key = ByteBuffer.wrap(in.raw(RecordKey.LENGTH));
            long size = in.number();
            contents.put(key, new Content.Pieces(List.of(new Piece(in.id(), size))));
        }
        return contents;
    }
}
